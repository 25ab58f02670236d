using System.Text.Json;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Clerk;

namespace LlmObserve.Api.Clerk;

/// <summary>
/// Reads what a webhook of Clerk's says:
/// <code>{"object":"event","type":"user.created","timestamp":1714000000123,"instance_id":"ins_…","data":{"id":"user_…","object":"user",…}}</code>
/// Fields of which nothing is needed here are not looked at: metadata may be of any shape.
/// </summary>
internal static class ClerkEventReader
{
    private const int MaxTypeLength = 128;

    /// <summary>Reads a body whose signature was right.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="sentAtMs">When it was sent, since 1970: the version of an object that does not say its own.</param>
    public static ClerkEventResult Read(ReadOnlyMemory<byte> body, long sentAtMs)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(new JsonFields(document.RootElement), sentAtMs)
                : new ClerkEventResult(null, Problems.MalformedBody("The body must be a JSON object."));
        }
        catch (JsonException e)
        {
            return new ClerkEventResult(
                null, Problems.MalformedBody($"The body is not JSON: it breaks at line {e.LineNumber + 1}, byte {e.BytePositionInLine}."));
        }
    }

    private static ClerkEventResult Read(JsonFields fields, long sentAtMs)
    {
        var type = fields.RequiredText("type", MaxTypeLength);
        var version = fields.Ms("timestamp", sentAtMs);
        var read = ReadEvent(type, fields, version);
        return fields.Invalid is { } invalid ? new ClerkEventResult(null, invalid) : new ClerkEventResult(read, null);
    }

    private static ClerkEvent ReadEvent(string type, JsonFields fields, long version) => type switch
    {
        "user.created" or "user.updated" => new ClerkEvent.UserSaved(ClerkObjects.User(Data(fields), version)),
        "user.deleted" => new ClerkEvent.UserDeleted(Data(fields).Id("id", ClerkClaims.UserPrefix)),
        "organization.created" or "organization.updated" => new ClerkEvent.OrganizationSaved(ClerkObjects.Organization(Data(fields), version)),
        "organization.deleted" => new ClerkEvent.OrganizationDeleted(Data(fields).Id("id", ClerkClaims.OrganizationPrefix)),
        "organizationMembership.created" or "organizationMembership.updated" =>
            new ClerkEvent.MembershipSaved(ClerkObjects.Membership(Data(fields), version)),
        "organizationMembership.deleted" => new ClerkEvent.MembershipDeleted(Data(fields).Id("id", ClerkObjects.MembershipPrefix)),
        _ => new ClerkEvent.Other(type),
    };

    private static JsonFields Data(JsonFields fields) => fields.Inner("data");
}

/// <summary>Either an event or the problem to answer with.</summary>
internal readonly record struct ClerkEventResult(ClerkEvent? Event, Problem? Problem);
