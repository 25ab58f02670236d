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
        var belongings = await Possessions.FillAsync(a);
        var before = await Possessions.SnapshotAsync(a);
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
        Assert.Equal(before, await Possessions.SnapshotAsync(a));
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

        if (!attempt.MakesOwn && route.Contains('{', StringComparison.Ordinal) && theirs.Status is not (HttpStatusCode.NotFound or HttpStatusCode.Forbidden))
        {
            yield return $"{route}: {theirs}";
        }
    }

    private static Task<Answer> SendAsync(ApiClient client, string? token, string route, Attempt attempt) =>
        client.SendAsync(
            new HttpMethod(route.Split(' ')[0]), attempt.Path, token, attempt.Body is null ? null : ApiClient.JsonContent(attempt.Body.ToJsonString()));
}
