using System.Text.Json;
using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Audit;

namespace LlmObserve.Api.Audit;

/// <summary>Who did what in the account.</summary>
internal static class AuditFeature
{
    private static readonly QueryParameter[] s_filters =
    [
        new("from", "The first instant.", "date-time"),
        new("to", "The instant after the last.", "date-time"),
        new("action", "One action, as in cap.updated, or all of one kind of object, as in cap."),
        new("actor", "An id, an address or a key's prefix, exactly."),
        new("object_id", "One object's id."),
    ];

    public static IServiceCollection AddAudit(this IServiceCollection services) =>
        services.AddSingleton<AuditEndpoints>().AddJson(AuditJson.Default);

    public static void MapAudit(this IEndpointRouteBuilder app)
    {
        // No key: whoever may make keys could give themselves one that reads this.
        var audit = app.MapGroup("/audit").WithTags("Audit").Accept(CallerRule.Session.AtLeast(AccountRole.Admin));
        audit.MapGet("", (AuditEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ListAsync(caller, context))
            .WithQuery(
            [
                .. s_filters,
                new("limit", "How many.", Max: AuditStore.MaxRows, Default: AuditEndpoints.DefaultLimit),
                new("cursor", "The next_cursor of the page before."),
            ])
            .WithSummary("Who did what in the account, the newest first.");
        RequestDelegate export = context => context.RequestServices.GetRequiredService<AuditEndpoints>().ExportAsync(context);
        audit.MapGet("/export", export)
            .WithMetadata(export.Method, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [CsvLine.ContentType]))
            .WithQuery(s_filters)
            .WithSummary("The same as CSV, all of it, the newest first.");
    }
}

/// <summary>One page of the audit log.</summary>
internal sealed record AuditPage(IReadOnlyList<AuditItem> Items, string? NextCursor);

/// <summary>One thing that somebody did.</summary>
/// <param name="Id">In order of time.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">object.verb.</param>
/// <param name="Object">To what.</param>
/// <param name="Scope">account, or installation where it concerns all accounts.</param>
/// <param name="Ip">Where the request came from.</param>
/// <param name="RequestId">Its X-Request-Id.</param>
/// <param name="Before">What changed, as it was; null where there was nothing.</param>
/// <param name="After">What changed, as it is; null where nothing is left.</param>
internal sealed record AuditItem(
    string Id,
    DateTimeOffset At,
    AuditActorItem Actor,
    string Action,
    AuditObjectItem Object,
    string Scope,
    string? Ip,
    string? RequestId,
    JsonElement? Before,
    JsonElement? After)
{
    public static AuditItem FromRow(AuditRow row) => new(
        row.Id.ToString("N"),
        row.At,
        new AuditActorItem(row.ActorKind, row.ActorId, row.ActorName),
        row.Action,
        new AuditObjectItem(row.ObjectKind, row.ObjectId, row.ObjectName),
        row.IsInstallation ? "installation" : "account",
        row.Ip,
        row.RequestId,
        Json(row.Before),
        Json(row.After));

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}

/// <summary>Who did it.</summary>
/// <param name="Kind">user, api_key, clerk, operator or system.</param>
/// <param name="Id">The user's or key's id.</param>
/// <param name="Name">As they were called then.</param>
internal sealed record AuditActorItem(string Kind, string? Id, string? Name);

/// <summary>What it was done to.</summary>
/// <param name="Kind">account, member, invitation, key, cap, settings, prices, customer, user or session.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">As it was called then.</param>
internal sealed record AuditObjectItem(string Kind, string? Id, string? Name);

[JsonSerializable(typeof(AuditPage))]
internal sealed partial class AuditJson : JsonSerializerContext;
