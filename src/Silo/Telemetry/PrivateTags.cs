using System.Diagnostics;
using OpenTelemetry;

namespace LlmObserve.Silo.Telemetry;

/// <summary>
/// Takes out of spans what names accounts, customers or keys: a path holds ids (the route beside it does not), a statement may hold values, a data
/// source may be a connection string. Runs before the exporter sees them.
/// </summary>
internal sealed class PrivateTags : BaseProcessor<Activity>
{
    private static readonly string[] s_private = ["url.path", "url.query", "url.full", "db.query.text", "db.statement", "db.npgsql.data_source"];

    public override void OnEnd(Activity data)
    {
        foreach (var tag in s_private)
        {
            if (data.GetTagItem(tag) is not null)
            {
                data.SetTag(tag, null);
            }
        }
    }
}
