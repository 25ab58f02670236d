namespace Orleans;

/// <summary>Why an activation ends.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>None given.</summary>
    None,

    /// <summary>The process stops.</summary>
    ShuttingDown,

    /// <summary>The activation could not be set up.</summary>
    ActivationFailed,

    /// <summary>The directory failed (cluster engine only).</summary>
    DirectoryFailure,

    /// <summary>Unused for longer than its collection age.</summary>
    ActivationIdle,

    /// <summary>It did not answer (cluster engine only).</summary>
    ActivationUnresponsive,

    /// <summary>Another activation of the same grain exists (cluster engine only).</summary>
    DuplicateActivation,

    /// <summary>It cannot process a received request (cluster engine only).</summary>
    IncompatibleRequest,

    /// <summary>The grain failed in a way that its state may be wrong.</summary>
    ApplicationError,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested,

    /// <summary>It moves elsewhere (cluster engine only).</summary>
    Migrating,

    /// <summary>The runtime asked for it.</summary>
    RuntimeRequested,

    /// <summary>Memory is short (cluster engine only).</summary>
    HighMemoryPressure,
}

/// <summary>Why an activation ends, for <see cref="IGrainBase.OnDeactivateAsync"/>.</summary>
public readonly struct DeactivationReason
{
    /// <summary>A reason without a fault.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text)
    {
    }

    /// <summary>A reason with the fault behind it.</summary>
    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        ReasonCode = code;
        Exception = exception;
        Description = text;
    }

    /// <summary>The reason in words.</summary>
    public string Description { get; }

    /// <summary>The reason as a code.</summary>
    public DeactivationReasonCode ReasonCode { get; }

    /// <summary>The fault, if any.</summary>
    public Exception? Exception { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description}. Exception: {Exception}";
}

/// <summary>How long a grain of this class stays after its last use, in place of the engine's default.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class CollectionAgeLimitAttribute : Attribute
{
    /// <summary>The shortest age: shorter ones are raised to it.</summary>
    public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

    private readonly TimeSpan? _stated;

    /// <summary>Takes the age from the properties.</summary>
    public CollectionAgeLimitAttribute()
    {
    }

    /// <summary>Takes the age from text in the format of <see cref="TimeSpan.Parse(string)"/>.</summary>
    public CollectionAgeLimitAttribute(string inactivityPeriod) => _stated = TimeSpan.Parse(inactivityPeriod);

    /// <summary>Days of the age.</summary>
    public double Days { get; set; }

    /// <summary>Hours of the age.</summary>
    public double Hours { get; set; }

    /// <summary>Minutes of the age.</summary>
    public double Minutes { get; set; }

    /// <summary>Whether a grain of this class is never collected for being idle.</summary>
    public bool AlwaysActive { get; set; }

    /// <summary>The age.</summary>
    public TimeSpan AgeLimit
    {
        get
        {
            if (AlwaysActive)
            {
                return TimeSpan.FromDays(short.MaxValue);
            }

            var age = _stated ?? (TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes));
            return age < MinAgeLimit ? MinAgeLimit : age;
        }
    }
}

/// <summary>A grain of this class is never collected for being idle.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class KeepAliveAttribute : Attribute;
