using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Accounts;

/// <summary>Every route with every kind of credentials: who may use it is what <see cref="Access"/> says, and nothing else.</summary>
public sealed class AccessTests(RunningServer running) : IClassFixture<RunningServer>
{
    // What says that somebody known may not do this.
    private static readonly string[] s_refusals = ["missing-role", "missing-scope", "session-needed", "key-needed"];

    [Fact]
    public void Routes_OfTheTable_AreThoseThatAreTried() =>
        Assert.Equal(Routes.All.Keys.Order(StringComparer.Ordinal), Access.All.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Routes_WithEachRole_AdmitThoseThatTheTableSays()
    {
        using var crew = await Crew.GatherAsync(running);
        var wrong = new List<string>();
        foreach (var role in Access.Roles)
        {
            var token = await crew.SignInAsync(role);
            foreach (var (route, access) in Access.All.Where(route => !route.Value.IsOpen))
            {
                if (access.EndsSession)
                {
                    continue;
                }

                Compare(wrong, route, role, access.LeastRole is null ? "key-needed" : access.Admits(role) ? null : "missing-role", await AskAsync(crew, route, token));
            }

            foreach (var (route, _) in Access.All.Where(route => route.Value.EndsSession))
            {
                Compare(wrong, route, role, null, await AskAsync(crew, route, await crew.SignInAsync(role)));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("auth/me")]
    [InlineData("clerk/api-keys/me")]
    public async Task Keys_OfTheAccount_AreShownToMembersAndNotToViewers(string path)
    {
        using var crew = await Crew.GatherAsync(running);

        var viewer = await crew.Owner.SendAsync(HttpMethod.Get, path, await crew.SignInAsync("viewer"), null);
        var member = await crew.Owner.SendAsync(HttpMethod.Get, path, await crew.SignInAsync("member"), null);

        Assert.Equal(0, viewer.Expect(HttpStatusCode.OK).GetProperty("api_keys").GetArrayLength());
        Assert.True(member.Expect(HttpStatusCode.OK).GetProperty("api_keys").GetArrayLength() > 0);
    }

    [Fact]
    public async Task Routes_WithKeysOfEachScope_AdmitThoseThatTheTableSays()
    {
        using var crew = await Crew.GatherAsync(running);
        var wrong = new List<string>();
        foreach (var (scope, key) in crew.Keys)
        {
            foreach (var (route, access) in Access.All.Where(route => !route.Value.IsOpen))
            {
                var expected = access.Scope is null ? "session-needed" : access.Scope == scope ? null : "missing-scope";
                Compare(wrong, route, $"a key with {scope}", expected, await AskAsync(crew, route, key));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Routes_WithSpentCredentials_Answer401AndSayWhy()
    {
        using var crew = await Crew.GatherAsync(running);
        var wrong = new List<string>();
        foreach (var (credentials, code) in crew.Spent)
        {
            foreach (var (route, access) in Access.All)
            {
                var answer = await AskAsync(crew, route, credentials);
                var isRefused = answer.Status == HttpStatusCode.Unauthorized && (route.StartsWith("HEAD", StringComparison.Ordinal) || Code(answer) == code);
                if (isRefused == access.IsOpen || (int)answer.Status >= 500)
                {
                    wrong.Add($"{route} with credentials that are {code}: {answer}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static void Compare(List<string> wrong, string route, string who, string? expected, Answer answer)
    {
        var code = Code(answer);
        var isAsExpected = expected is null
            ? !s_refusals.Contains(code) && answer.Status != HttpStatusCode.Unauthorized
            : answer.Status == HttpStatusCode.Forbidden && code == expected;
        if (!isAsExpected || (int)answer.Status >= 500)
        {
            wrong.Add($"{route} as {who}: {answer}, not {expected ?? "admitted"}");
        }
    }

    // In the account itself, but of what nobody has: those who are admitted find nothing that they could break.
    private static Task<Answer> AskAsync(Crew crew, string route, string token)
    {
        var attempt = Routes.All[route](Belongings.OfNobody with { AccountId = crew.AccountId });
        return crew.Owner.SendAsync(
            new HttpMethod(route.Split(' ')[0]), attempt.Path, token, attempt.Body is null ? null : ApiClient.JsonContent(attempt.Body.ToJsonString()));
    }

    private static string? Code(Answer answer) =>
        answer.Body.StartsWith('{') && answer.Json.TryGetProperty("code", out var code) ? code.GetString() : null;
}
