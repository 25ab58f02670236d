using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Accounts;

/// <summary>Account B with every route and every id of account A.</summary>
public sealed class IsolationTests(RunningServer running) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task Routes_Described_AreAllInTheTable()
    {
        using var http = running.Server.Client();

        var description = JsonDocument.Parse(await http.GetStringAsync("openapi.json")).RootElement;

        var described = description.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject()
                .Where(operation => operation.Value.ValueKind == JsonValueKind.Object && operation.Value.TryGetProperty("responses", out _))
                .Select(operation => $"{operation.Name.ToUpperInvariant()} {(path.Name == "/" ? "/" : path.Name.TrimEnd('/'))}"));
        Assert.Equal(described.Order(StringComparer.Ordinal), Routes.All.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Routes_WithAnotherAccountsIds_AnswerAsForIdsOfNobody()
    {
        using var a = await ApiClient.SignUpAsync(running.Server, "a");
        using var b = await ApiClient.SignUpAsync(running.Server, "b");
        using var c = await ApiClient.SignUpAsync(running.Server, "c");
        var belongings = await FillAsync(a);
        var before = await SnapshotAsync(a);
        var wrong = new List<string>();

        // B asks for what is A's, C for what is nobody's, and both must look alike; first with their keys, then as signed-in users.
        foreach (var (route, attempt) in Routes.All.OrderBy(route => route.Value(Belongings.OfNobody).EndsSession))
        {
            foreach (var token in (Func<ApiClient, string>[])[client => client.Account.Key, client => client.Account.Token])
            {
                var theirs = await SendAsync(b, token(b), route, attempt(belongings));
                var nobodys = await SendAsync(c, token(c), route, attempt(Belongings.OfNobody));
                wrong.AddRange(Complaints(route, attempt(belongings), belongings, theirs, nobodys));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(before, await SnapshotAsync(a));
        var own = await a.SendAsync(HttpMethod.Get, $"caps/{belongings.CapId}");
        own.Expect(HttpStatusCode.OK);
        Assert.False((await a.CheckAsync($"customer_id={belongings.Customer}")).GetProperty("allowed").GetBoolean());
    }

    [Fact]
    public async Task Routes_WithoutCredentials_Answer401()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        string[] open =
        [
            "GET /", "GET /health", "HEAD /health", "GET /health/ready", "POST /auth/signup", "POST /auth/login",
            "POST /auth/verify", "POST /auth/password/forgot", "POST /auth/password/reset", "POST /invitations/preview", "POST /webhooks/clerk",
        ];
        // None, a key of nobody, and a token that says of itself that it is not signed.
        string?[] tokens = [null, "llmo_sk_0000000000000000000000000000000000000000000", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."];

        foreach (var (route, attempt) in Routes.All.Where(route => !open.Contains(route.Key)))
        {
            foreach (var token in tokens)
            {
                var answer = await SendAsync(client, token, route, attempt(Belongings.OfNobody));
                Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{route} answers {answer} to {token}");
            }
        }
    }

    private static IEnumerable<string> Complaints(string route, Attempt attempt, Belongings a, Answer theirs, Answer nobodys)
    {
        if ((int)theirs.Status >= 500)
        {
            yield return $"{route}: {theirs}";
        }

        if (attempt.MayTell)
        {
            yield break;
        }

        if (theirs.Status != nobodys.Status)
        {
            yield return $"{route} tells {theirs} from {nobodys}";
        }

        // Errors may repeat what was asked for, and what B made itself bears the names that B gave; nothing else of A may appear.
        var isEcho = (int)theirs.Status >= 400 || !route.StartsWith("GET", StringComparison.Ordinal) || route is "GET /caps" or "GET /caps/holds";
        var secrets = new[] { a.CapId, a.KeyId, a.Section, a.Email, a.SessionId, a.AccountId, a.UserId, a.InvitationId, "secret-model" }.Concat(isEcho ? [] : [a.RunId, a.Customer, a.HoldId]);
        foreach (var secret in secrets.Where(secret => theirs.Body.Contains(secret, StringComparison.Ordinal)))
        {
            if ((int)theirs.Status < 400 || !attempt.Path.Contains(secret, StringComparison.Ordinal))
            {
                yield return $"{route} gives away {secret}: {theirs}";
            }
        }

        if (route.Contains('{', StringComparison.Ordinal) && theirs.Status is not (HttpStatusCode.NotFound or HttpStatusCode.Forbidden))
        {
            yield return $"{route}: {theirs}";
        }
    }

    private static Task<Answer> SendAsync(ApiClient client, string? token, string route, Attempt attempt) =>
        client.SendAsync(
            new HttpMethod(route.Split(' ')[0]), attempt.Path, token, attempt.Body is null ? null : ApiClient.JsonContent(attempt.Body.ToJsonString()));

    private static async Task<Belongings> FillAsync(ApiClient a)
    {
        var customer = $"customer-{Guid.NewGuid():N}";
        var section = $"agent:secret-{Guid.NewGuid():N}";
        var runs = Enumerable.Range(0, 3).Select(_ => $"run-{Guid.NewGuid():N}").ToList();
        var calls = runs.Select(run =>
        {
            var call = Harness.Events.Call(Guid.NewGuid().ToString(), "secret-model");
            call["run_id"] = run;
            call["customer_id"] = customer;
            call["section"] = section;
            call["section_path"] = section;
            return call;
        }).ToList();
        (await a.PostEventsAsync(calls)).Expect(HttpStatusCode.Created);
        var cap = await a.CreateCapAsync("customer", customer, 0.001m);
        var me = await a.GetAsync("auth/me");
        var page = await a.GetAsync("runs/latest?limit=1");
        var invited = await a.SendAsync(
            HttpMethod.Post, $"tenants/{Claim(a, "acct")}/invitations", a.Account.Token, ApiClient.JsonContent("""{"email":"invited@example.com","role":"viewer"}"""));
        return new Belongings(
            a.Account.Email, cap, me.GetProperty("api_keys")[0].GetProperty("id").GetString()!, runs[0], customer, section,
            (string)calls[0]["id"]!, page.GetProperty("next_cursor").GetString() ?? "", await HoldAsync(a))
        {
            SessionId = Claim(a, "sid"),
            AccountId = Claim(a, "acct"),
            UserId = me.GetProperty("user").GetProperty("id").GetString()!,
            InvitationId = invited.Expect(HttpStatusCode.OK).GetProperty("id").GetString()!,
        };
    }

    private static string Claim(ApiClient a, string name) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(a.Account.Token.Split('.')[1])).RootElement.GetProperty(name).GetString()!;

    private static async Task<string> HoldAsync(ApiClient a)
    {
        var answer = await a.SendWithKeyAsync(HttpMethod.Post, "caps/check", new JsonObject
        {
            ["model"] = "gpt-4o",
            ["estimate"] = new JsonObject { ["input_tokens"] = 1, ["max_output_tokens"] = 1 },
        });
        return answer.Expect(HttpStatusCode.OK).GetProperty("hold_id").GetString()!;
    }

    // What A sees of its own, without what A's own reading changes.
    private static async Task<string> SnapshotAsync(ApiClient a) =>
        string.Join(
            '\n',
            (await a.GetAsync("caps/")).GetRawText(),
            (await a.GetAsync("caps/holds")).GetRawText(),
            (await a.GetAsync("caps/settings")).GetRawText(),
            (await a.GetAsync("tenants")).GetRawText(),
            (await a.GetAsync($"tenants/{Claim(a, "acct")}/invitations")).GetRawText(),
            (await a.GetAsync("runs/latest")).GetProperty("items").GetRawText(),
            (await a.GetAsync("stats/by-customer?hours=24")).GetProperty("items").GetRawText(),
            string.Join(',', (await a.GetAsync("auth/me")).GetProperty("api_keys").EnumerateArray().Select(key => key.GetProperty("id").GetString())));
}
