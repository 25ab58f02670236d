using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Api.Callers;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Users;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace LlmObserve.Api.Tests.Accounts;

/// <summary>Accounts with people in tests.</summary>
internal static class TestAccounts
{
    /// <summary>An account that the person owns, beside the personal one.</summary>
    public static async Task<string> MakeAccountAsync(this TestPerson owner, string name = "Acme") =>
        (await owner.Session.PostAsJsonAsync("/tenants", new { name }).JsonAsync()).Text("id");

    /// <summary>Puts a person into an account, without an invitation.</summary>
    public static async Task JoinAsync(this AppFixture app, string account, TestPerson person, string role)
    {
        await using var insert = app.Database.CreateCommand("INSERT INTO memberships (account_id, user_id, role, created_at) VALUES ($1, $2, $3, now())");
        var user = await app.UserAsync(person);
        insert.Parameters.Add(new() { Value = Guid.Parse(account) });
        insert.Parameters.Add(new() { Value = user.Id.Value });
        insert.Parameters.Add(new() { Value = role });
        await insert.ExecuteNonQueryAsync();
        await app.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(user.Id.ToString()).RefreshAsync();
    }

    /// <summary>Somebody new in an account.</summary>
    public static async Task<TestPerson> SignUpIntoAsync(this AppFixture app, string account, string role)
    {
        var person = await app.SignUpAsync();
        await app.JoinAsync(account, person, role);
        return person;
    }

    public static async Task<UserRow> UserAsync(this AppFixture app, TestPerson person) =>
        (await app.Services.GetRequiredService<UsersStore>().FindByEmailAsync(person.Email, default))!;

    public static async Task<string> UserIdAsync(this AppFixture app, TestPerson person) => (await app.UserAsync(person)).Id.ToString();

    /// <summary>A client with the person's session switched to another account.</summary>
    public static async Task<HttpClient> SwitchedAsync(this AppFixture app, TestPerson person, string account)
    {
        var user = await app.UserAsync(person);
        var claims = new SessionClaims(user.Id, new AccountId(Guid.Parse(account)), user.Sessions[0]);
        return app.With(app.Services.GetRequiredService<SessionTokens>().Create(claims));
    }

    public static async Task<string> PersonalAccountAsync(this AppFixture app, TestPerson person) => (await app.UserAsync(person)).PersonalAccount.ToString();

    /// <summary>What the person is in the account, as the list of members says; null where they are not in it.</summary>
    public static async Task<string?> RoleAsync(this TestPerson asker, string account, string userId) =>
        (await asker.GetAsync($"/tenants/{account}/members")).GetProperty("items").EnumerateArray()
        .Where(member => member.Text("user_id") == userId).Select(member => member.Text("role")).SingleOrDefault();

    public static Task<JsonElement> SetRoleAsync(this TestPerson by, string account, string userId, string role, int status = 200) =>
        by.Session.PatchAsJsonAsync($"/tenants/{account}/members/{userId}", new { role }).JsonAsync(status);

    public static Task<JsonElement> RemoveAsync(this TestPerson by, string account, string userId, int status = 200) =>
        by.Session.DeleteAsync($"/tenants/{account}/members/{userId}").JsonAsync(status);

    public static Task<JsonElement> TransferAsync(this TestPerson by, string account, string userId, int status = 200) =>
        by.Session.PostAsJsonAsync($"/tenants/{account}/transfer", new { user_id = userId }).JsonAsync(status);

    /// <summary>A DELETE with a body.</summary>
    public static Task<HttpResponseMessage> DeleteAsJsonAsync(this HttpClient client, string path, object body) =>
        client.SendAsync(new HttpRequestMessage(HttpMethod.Delete, path) { Content = JsonContent.Create(body) });

    /// <summary>The actions that the audit log has of an account, oldest first, with what they were done to.</summary>
    public static async Task<List<AuditedAct>> AuditAsync(this AppFixture app, string account)
    {
        await using var select = app.Database.CreateCommand(
            "SELECT action, actor_kind, actor_name, object_kind, object_id, before::text, after::text FROM audit_log WHERE account_id = $1 ORDER BY at, id");
        select.Parameters.Add(new() { Value = Guid.Parse(account) });
        await using var reader = await select.ExecuteReaderAsync();
        var acts = new List<AuditedAct>();
        while (await reader.ReadAsync())
        {
            acts.Add(new AuditedAct(
                reader.GetString(0), reader.GetString(1), Text(2), reader.GetString(3), Text(4), Text(5), Text(6)));
        }

        return acts;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    public static T Service<T>(this AppFixture app)
        where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task ExecuteAsync(this AppFixture app, string sql)
    {
        await using var command = app.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ScalarAsync<T>(this AppFixture app, string sql)
    {
        await using var command = app.Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>An entry of the audit log.</summary>
internal sealed record AuditedAct(string Action, string ActorKind, string? ActorName, string ObjectKind, string? ObjectId, string? Before, string? After);
