using LlmObserve.LocalOrleans;

namespace Orleans.Runtime;

/// <summary>A reference to a grain or an observer. Two references are equal where they mean the same one.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private readonly CallTarget _target;
    private readonly string _key;

    internal GrainReference(CallTarget target, string key)
    {
        _target = target;
        _key = key;
    }

    /// <summary>Who is meant.</summary>
    public GrainId GrainId => _target.IdOf(_key);

    internal CallTarget Target => _target;

    internal string Key => _key;

    /// <summary>The activation that answered last, to spare the look-up. It may have ended since.</summary>
    internal Activation? LastActivation { get; set; }

    /// <summary>Whether both mean the same grain or observer.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Whether they mean different ones.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    /// <summary>The same grain under another of its contracts.</summary>
    public virtual TGrainInterface Cast<TGrainInterface>()
        where TGrainInterface : IAddressable => As<TGrainInterface>();

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) =>
        other is not null && ReferenceEquals(_target, other._target) && string.Equals(_key, other._key, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => _key.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public sealed override string ToString() => GrainId.ToString();

    internal TGrainInterface As<TGrainInterface>() =>
        this is TGrainInterface same ? same : (TGrainInterface)(object)_target.CreateReference(typeof(TGrainInterface), _key);

    /// <summary>What every generated method does with the call it has filled.</summary>
    internal Task Send(Call call) => _target.Send(this, call);
}
