using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Faults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Keys;

/// <summary>API keys: made, listed, changed, rotated and revoked by signed-in users. The text of a key is shown once, when it is made.</summary>
internal static class KeysFeature
{
    public static IServiceCollection AddKeys(this IServiceCollection services, ApiOptions options) =>
        services.AddSingleton<AccountKeys>().AddSingleton(new SealedTexts(options.SessionSecret)).AddJson(KeysJson.Default);

    public static void MapKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api-keys").WithTags("Keys").Accept(CallerRule.Session.AtLeast(AccountRole.Member));
        keys.MapGet("", ListAsync).WithSummary("The account's keys. Their texts are not in it.");
        keys.MapPost("", CreateAsync).Accepts<CreateKeyBody>("application/json").WithSummary("Makes a key. Its text is shown this once.");
        keys.MapPatch("/{id}", ChangeAsync).Accepts<ChangeKeyBody>("application/json")
            .WithSummary("Changes a key: its name, scopes, end and networks. Members change those that they made.");
        keys.MapPost("/{id}/rotate", RotateAsync).Accepts<RotateKeyBody>("application/json")
            .WithSummary("Makes the key that takes over from one, which goes on for a while. The new text is shown this once.");
        keys.MapDelete("/{id}", RevokeAsync).WithSummary("Revokes a key, at once. Members revoke those that they made.");

        // The same under the path of older clients, with the name in the query.
        var older = app.MapGroup("/auth/api-keys").WithTags("Keys").Accept(CallerRule.Session.AtLeast(AccountRole.Member));
        older.MapPost("", CreateByQueryAsync).WithSummary("As POST /api-keys, with the name in the query.");
        older.MapDelete("/{id}", RevokeAsync).WithSummary("As DELETE /api-keys/{id}.");

        // And under the path of clients whose users sign in by Clerk.
        var clerk = app.MapGroup("/clerk/api-keys").WithTags("Clerk").Accept(CallerRule.Session.AtLeast(AccountRole.Member));
        clerk.MapPost("", CreateAsync).Accepts<CreateKeyBody>("application/json").WithSummary("As POST /api-keys.");
        clerk.MapDelete("/{id}", RevokeAsync).WithSummary("As DELETE /api-keys/{id}.");
    }

    private static async Task<Ok<KeyItem[]>> ListAsync(Caller caller, AccountKeys keys, CancellationToken cancellationToken) =>
        TypedResults.Ok(await keys.ListAsync(caller, cancellationToken));

    private static async Task<Results<Ok<CreatedKey>, Problem>> CreateAsync(HttpContext context, Caller caller, AccountKeys keys, TimeProvider time)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var terms = new KeyTerms(KeyForm.Name(fields), KeyForm.Scopes(fields), KeyForm.ExpiresAt(fields, time.GetUtcNow()), KeyForm.AllowedIps(fields));
        return fields.Invalid is { } invalid ? invalid : Answer(await keys.CreateAsync(context, caller, terms));
    }

    private static async Task<Results<Ok<CreatedKey>, Problem>> CreateByQueryAsync(string? name, HttpContext context, Caller caller, AccountKeys keys)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        TextFaults.Check("name", name, KeyForm.MaxNameLength, faults);
        return faults.Count > 0
            ? Problems.Invalid(faults.ToImmutable())
            : Answer(await keys.CreateAsync(context, caller, new KeyTerms(KeyForm.NameOr(name), ApiScopes.Default, null, [])));
    }

    private static async Task<Results<Ok<KeyItem>, Problem>> ChangeAsync(
        string id, HttpContext context, Caller caller, AccountKeys keys, TimeProvider time)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var wish = KeyWish.Read(fields, time.GetUtcNow());
        return fields.Invalid is { } invalid ? invalid : Answer(await keys.ChangeAsync(context, caller, id, wish));
    }

    private static async Task<Results<Ok<CreatedKey>, Problem>> RotateAsync(string id, HttpContext context, Caller caller, AccountKeys keys)
    {
        var overlap = KeyForm.DefaultOverlap;
        if (context.Request.ContentType is not null || context.Request.ContentLength > 0)
        {
            if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
            {
                return problem;
            }

            overlap = KeyForm.Overlap(fields);
            if (fields.Invalid is { } invalid)
            {
                return invalid;
            }
        }

        return Answer(await keys.RotateAsync(context, caller, id, overlap));
    }

    private static async Task<Results<Ok<RevokedKey>, Problem>> RevokeAsync(string id, HttpContext context, Caller caller, AccountKeys keys) =>
        await keys.RevokeAsync(context, caller, id) is { } refusal
            ? refusal
            : TypedResults.Ok(new RevokedKey("success", "The API key is revoked."));

    private static Results<Ok<T>, Problem> Answer<T>((T? Done, Problem? Refusal) answer)
        where T : class => answer.Done is not null ? TypedResults.Ok(answer.Done) : answer.Refusal!;
}
