using System.Diagnostics;

namespace LlmObserve.Storage.Ledger;

/// <summary>The span of a commit. It serves many requests: it belongs to the trace of the first that is recorded, and links the others.</summary>
internal static class CommitSpan
{
    /// <summary>Beyond these a span would be larger than what it tells; the SDK keeps 128 by default.</summary>
    private const int MaxLinks = 100;

    private static readonly ActivitySource s_source = new(StorageServices.ActivitySourceName);

    /// <summary>Null where nobody records it: then it costs nothing.</summary>
    public static Activity? Start(LedgerCommit commit, List<PendingAppend> taken)
    {
        if (!s_source.HasListeners())
        {
            return null;
        }

        var origins = taken.SelectMany(pending => pending.Append.Origins).Where(origin => origin != default).Distinct().ToList();
        var parent = origins.Find(static origin => origin.TraceFlags.HasFlag(ActivityTraceFlags.Recorded));
        if (parent == default && origins.Count > 0)
        {
            // None of its requests is recorded: nor is it.
            parent = origins[0];
        }

        var links = origins.Where(origin => origin != parent).Take(MaxLinks).Select(static origin => new ActivityLink(origin));
        var span = s_source.StartActivity("ledger.commit", ActivityKind.Internal, parent, links: links);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("llmobserve.ledger.rows", commit.RowCount);
            span.SetTag("llmobserve.ledger.accounts", taken.Count);
        }

        return span;
    }

    public static void End(Activity? span, string outcome)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag("llmobserve.outcome", outcome);
        if (outcome != LedgerOutcomes.Committed)
        {
            span.SetStatus(ActivityStatusCode.Error, outcome);
        }

        span.Dispose();
    }
}
