using LlmObserve.Api.Http;
using LlmObserve.Storage.Audit;

namespace LlmObserve.Api.Audit;

/// <summary>Entries of the audit log as CSV.</summary>
internal static class AuditCsv
{
    public static readonly string Header = CsvLine.Header(
        "id", "at", "actor_kind", "actor_id", "actor_name", "action", "object_kind", "object_id", "object_name", "scope", "ip", "request_id", "before", "after");

    public static string Line(AuditRow row) => new CsvLine()
        .Add(row.Id.ToString("N"))
        .Add(row.At)
        .Add(row.ActorKind)
        .Add(row.ActorId)
        .Add(row.ActorName)
        .Add(row.Action)
        .Add(row.ObjectKind)
        .Add(row.ObjectId)
        .Add(row.ObjectName)
        .Add(row.IsInstallation ? "installation" : "account")
        .Add(row.Ip)
        .Add(row.RequestId)
        .Add(row.Before)
        .Add(row.After)
        .ToString();
}
