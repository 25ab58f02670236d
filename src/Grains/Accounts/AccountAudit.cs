using System.Text;
using System.Text.Json;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Grains.Interfaces.Accounts;

namespace LlmObserve.Grains.Accounts;

/// <summary>What the audit log is told of an account's caps and settings. Nothing where a change changes nothing: a repeated request is one change.</summary>
internal static class AccountAudit
{
    public static AuditEntry Created(Cap cap, Actor by, DateTimeOffset now) => Entry(cap, by, now, AuditActions.CapCreated) with { After = Json(cap) };

    public static AuditEntry Deleted(Cap cap, Actor by, DateTimeOffset now) => Entry(cap, by, now, AuditActions.CapDeleted) with { Before = Json(cap) };

    public static AuditEntry? Changed(Cap was, Cap becomes, Actor by, DateTimeOffset now)
    {
        var (before, after) = (Json(was), Json(becomes));
        return before == after ? null : Entry(becomes, by, now, AuditActions.CapUpdated) with { Before = before, After = after };
    }

    public static AuditEntry? Changed(AccountId account, AccountSettings was, AccountSettings becomes, Actor by, DateTimeOffset now)
    {
        var (before, after) = (Json(was), Json(becomes));
        return before == after
            ? null
            : new AuditEntry(account, now, by, AuditActions.SettingsUpdated, new AuditObject("settings", account.ToString(), becomes.Name))
            {
                Before = before,
                After = after,
            };
    }

    private static AuditEntry Entry(Cap cap, Actor by, DateTimeOffset now, string action) =>
        new(cap.Account, now, by, action, new AuditObject("cap", cap.Id.ToString(), Name(cap)));

    /// <summary>As people call it: <c>customer acme, model gpt-4o, daily</c>.</summary>
    private static string Name(Cap cap)
    {
        var scope = cap.Scope.Type.ToWire() + (cap.TargetName.Length == 0 ? "" : $" {cap.TargetName}");
        var narrowed = cap.Scope.SubScope.ToWire() is { } sub ? $", {sub} {cap.SubTargetName}" : "";
        return $"{scope}{narrowed}, {cap.Period.ToWire()}";
    }

    private static string Json(Cap cap) => Json(writer =>
    {
        writer.WriteString("cap_type", cap.Scope.Type.ToWire());
        writer.WriteString("target_name", OrNull(cap.TargetName));
        writer.WriteString("sub_scope", cap.Scope.SubScope.ToWire());
        writer.WriteString("sub_target", OrNull(cap.SubTargetName));
        writer.WriteNumber("limit_amount", cap.Limit.ToDecimal());
        writer.WriteString("period", cap.Period.ToWire());
        writer.WriteString("enforcement", cap.Enforcement.ToWire());
        writer.WriteStartArray("thresholds");
        foreach (var threshold in cap.Thresholds)
        {
            writer.WriteNumberValue(threshold);
        }

        writer.WriteEndArray();
        writer.WriteString("alert_email", cap.AlertEmail);
        writer.WriteBoolean("enabled", cap.Enabled);
    });

    /// <summary>As the API shows it.</summary>
    private static string? OrNull(string name) => name.Length == 0 ? null : name;

    private static string Json(AccountSettings settings) => Json(writer =>
    {
        writer.WriteString("time_zone", settings.TimeZone);
        writer.WriteString("unpriced_policy", settings.UnpricedPolicy);
        writer.WriteNumber("max_hold_share", settings.MaxHoldShare);
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
