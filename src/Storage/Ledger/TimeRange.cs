namespace LlmObserve.Storage.Ledger;

/// <summary>A stretch of time: from its first instant to the first that is no longer in it. For rollups both are beginnings of buckets.</summary>
public readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset To);

/// <summary>The day, week and month of one moment.</summary>
public readonly record struct CurrentPeriods(TimeRange Day, TimeRange Week, TimeRange Month);
