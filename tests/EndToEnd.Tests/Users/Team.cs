using System.Net;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Accounts;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>An account that is nobody's personal one, with somebody in each of some roles.</summary>
internal sealed class Team : IDisposable
{
    public const string Name = "the team";

    private readonly RunningServer _running;
    private readonly Dictionary<string, ApiClient> _people = [];
    private readonly Dictionary<string, string> _tokens = [];

    private Team(RunningServer running) => _running = running;

    /// <summary>The account's id.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Makes it.</summary>
    /// <param name="running">The server.</param>
    /// <param name="roles">Of others than the owner.</param>
    public static async Task<Team> GatherAsync(RunningServer running, params string[] roles)
    {
        var team = new Team(running);
        var owner = await ApiClient.SignUpAsync(running.Server, "owner");
        team._people["owner"] = owner;
        team.Id = (await owner.SendAsync(HttpMethod.Post, "tenants", new JsonObject { ["name"] = Name })).Expect(HttpStatusCode.OK).GetProperty("id").GetString()!;
        foreach (var role in roles)
        {
            var person = await ApiClient.SignUpAsync(running.Server, role);
            team._people[role] = person;
            (await owner.SendAsync(
                HttpMethod.Post, $"tenants/{team.Id}/invitations", new JsonObject { ["email"] = person.Account.Email, ["role"] = role })).Expect(HttpStatusCode.OK);
            var link = await new Mailbox(running.Folder).LinkAsync(person.Account.Email, "/invitation");
            (await person.SendAsync(HttpMethod.Post, "invitations/accept", new JsonObject { ["token"] = link.Query["?token=".Length..] })).Expect(HttpStatusCode.OK);
        }

        return team;
    }

    /// <summary>Asks as somebody of a role whose session opens the account.</summary>
    public async Task<Answer> SendAsync(string role, HttpMethod method, string path, JsonNode? body = null)
    {
        var person = _people[role];
        if (!_tokens.TryGetValue(role, out var token))
        {
            var switched = await person.SendAsync(HttpMethod.Post, "auth/switch", new JsonObject { ["tenant_id"] = Id });
            _tokens[role] = token = switched.Expect(HttpStatusCode.OK).GetProperty("token").GetString()!;
        }

        return await person.SendAsync(method, path, token, body is null ? null : ApiClient.JsonContent(body.ToJsonString()));
    }

    /// <summary>The id of somebody's user.</summary>
    public string UserId(string role) => Crew.Claim(_people[role].Account.Token, "sub");

    public Account Account(string role) => _people[role].Account;

    /// <summary>A browser of somebody, at the account.</summary>
    public async Task<Browser> OpenAsync(string role, string path)
    {
        var browser = new Browser(_running.Server.Dashboard);
        await browser.OpenAsync("/sign-in?return=/settings");
        await browser.SubmitAsync("sign-in", ("Form.Email", Account(role).Email), ("Form.Password", Account(role).Password));
        await browser.SubmitAsync("/switch", ("account", Id));
        await browser.OpenAsync(path);
        Assert.Equal(path, browser.Path);
        return browser;
    }

    public void Dispose()
    {
        foreach (var person in _people.Values)
        {
            person.Dispose();
        }
    }
}
