using System.Diagnostics;
using OpenTelemetry;

namespace LlmObserve.Silo.Telemetry;

/// <summary>
/// Takes out of spans what names accounts, customers or keys: a path holds ids (the route beside it does not), a statement may hold values, a data
/// source may be a connection string. A cluster's spans of grain calls carry a trace from process to process, but are named by their grains and tell
/// exceptions in full: they are not exported at all. Runs before the exporter sees them.
/// </summary>
internal sealed class PrivateTags : BaseProcessor<Activity>
{
    /// <summary>The source of a cluster's spans of grain calls.</summary>
    public const string GrainCalls = "Microsoft.Orleans.Application";

    private static readonly string[] s_private = ["url.path", "url.query", "url.full", "db.query.text", "db.statement", "db.npgsql.data_source"];

    public override void OnEnd(Activity data)
    {
        if (data.Source.Name == GrainCalls)
        {
            // Exporters take what is recorded.
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        foreach (var tag in s_private)
        {
            if (data.GetTagItem(tag) is not null)
            {
                data.SetTag(tag, null);
            }
        }
    }
}
