namespace Orleans.Concurrency;

/// <summary>
/// Requests to this grain class may interleave at each await. Turns still never run at once: between two awaits the code is alone.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>A request to this contract method may start whatever else is running, and never holds up others.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>A request to this contract method does not change the grain, and may interleave with other read-only requests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>The caller of this contract method does not wait: its task is complete at once, and a failure is only logged.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;
