using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Keys;
using LlmObserve.Storage.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Keys;

/// <summary>API keys: made, listed and revoked by signed-in users. The text of a key is shown once, when it is made.</summary>
internal static class KeysFeature
{
    /// <summary>A few words.</summary>
    public const int MaxNameLength = 100;

    /// <summary>For a key that is made without a name.</summary>
    public const string DefaultName = "API key";

    /// <summary>Longer than any scope's word.</summary>
    private const int MaxScopeLength = 32;

    public static IServiceCollection AddKeys(this IServiceCollection services) =>
        services.AddSingleton<AccountKeys>().AddJson(KeysJson.Default);

    public static void MapKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api-keys").WithTags("Keys").Accept(CallerRule.Session.AtLeast(AccountRole.Member));
        keys.MapGet("", ListAsync).WithSummary("The account's keys. Their texts are not in it.");
        keys.MapPost("", CreateAsync).Accepts<CreateKeyBody>("application/json").WithSummary("Makes a key. Its text is shown this once.");
        keys.MapDelete("/{id}", RevokeAsync).WithSummary("Revokes a key, at once.");

        // The same under the path of older clients, with the name in the query.
        var older = app.MapGroup("/auth/api-keys").WithTags("Keys").Accept(CallerRule.Session.AtLeast(AccountRole.Member));
        older.MapPost("", CreateByQueryAsync).WithSummary("As POST /api-keys, with the name in the query.");
        older.MapDelete("/{id}", RevokeAsync).WithSummary("As DELETE /api-keys/{id}.");
    }

    private static async Task<Ok<KeyItem[]>> ListAsync(Caller caller, AccountKeys keys, CancellationToken cancellationToken)
    {
        var rows = await keys.ListAsync(caller.Account, cancellationToken);
        return TypedResults.Ok(rows.Select(KeyItem.FromRow).ToArray());
    }

    private static async Task<Results<Ok<CreatedKey>, Problem>> CreateAsync(
        HttpContext context, Caller caller, AccountKeys keys, CancellationToken cancellationToken)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var name = fields.OptionalText("name", MaxNameLength);
        var scopes = Scopes(fields);
        return fields.Invalid is { } invalid ? invalid : await MakeAsync(caller, keys, name, scopes, cancellationToken);
    }

    private static async Task<Results<Ok<CreatedKey>, Problem>> CreateByQueryAsync(
        string? name, Caller caller, AccountKeys keys, CancellationToken cancellationToken)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        TextFaults.Check("name", name, MaxNameLength, faults);
        return faults.Count > 0
            ? Problems.Invalid(faults.ToImmutable())
            : await MakeAsync(caller, keys, name, ApiScopes.Default, cancellationToken);
    }

    private static async Task<Results<Ok<CreatedKey>, Problem>> MakeAsync(
        Caller caller, AccountKeys keys, string? name, ImmutableArray<string> scopes, CancellationToken cancellationToken)
    {
        var title = string.IsNullOrWhiteSpace(name) ? DefaultName : name.Trim();
        return await keys.CreateAsync(caller, title, scopes, cancellationToken) is { } made
            ? TypedResults.Ok(CreatedKey.Of(made.Row, made.Text))
            : Problems.Conflict("too-many-keys", $"The account has {AccountKeys.MaxKeys} API keys already; revoke one that is not used.");
    }

    private static async Task<Results<Ok<RevokedKey>, Problem>> RevokeAsync(
        string id, Caller caller, AccountKeys keys, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var keyId) && await keys.RevokeAsync(caller.Account, keyId, cancellationToken)
            ? TypedResults.Ok(new RevokedKey("success", "The API key is revoked."))
            : Problems.NotFound("The account has no API key with this id.");

    private static ImmutableArray<string> Scopes(JsonFields fields)
    {
        var words = fields.Texts("scopes", maxCount: 8, MaxScopeLength) ?? ApiScopes.Default;
        if (words.IsEmpty)
        {
            fields.Add(new Fault("scopes", FaultCodes.Required, "A key without any scope opens nothing: leave scopes out or name some."));
        }

        for (var i = 0; i < words.Length; i++)
        {
            if (!ApiScopes.IsKnown(words[i]))
            {
                fields.Add(new Fault($"scopes[{i}]", FaultCodes.UnknownValue, $"scopes[{i}] must be one of {ApiScopes.Known}."));
            }
        }

        return [.. words.Distinct(StringComparer.Ordinal)];
    }
}

/// <summary>What <c>POST /api-keys</c> takes.</summary>
internal sealed record CreateKeyBody(string? Name, string[]? Scopes);

/// <summary>A key as it is listed.</summary>
internal sealed record KeyItem(
    string Id, string Name, string KeyPrefix, ImmutableArray<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt)
{
    public static KeyItem FromRow(ApiKeyRow row) =>
        new(row.Id.ToString("N"), row.Name, row.Prefix, row.Scopes, row.CreatedAt, row.LastUsedAt);
}

/// <summary>A key that was made just now; the only answer that ever holds <paramref name="Key"/>.</summary>
internal sealed record CreatedKey(
    string Id, string Key, string KeyPrefix, string Name, ImmutableArray<string> Scopes, DateTimeOffset CreatedAt)
{
    public static CreatedKey Of(NewApiKey row, ApiKeyText text) =>
        new(row.Id.ToString("N"), text.Reveal(), row.Prefix, row.Name, row.Scopes, row.CreatedAt);
}

/// <summary>A key was revoked.</summary>
internal sealed record RevokedKey(string Status, string Message);

[JsonSerializable(typeof(KeyItem[]))]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(RevokedKey))]
internal sealed partial class KeysJson : JsonSerializerContext;
