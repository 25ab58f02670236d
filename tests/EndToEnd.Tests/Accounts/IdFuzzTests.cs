using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Accounts;

/// <summary>Account B with every route and what A's ids might be mistaken for: other spellings, neighbours, ids of another kind, and rubbish.</summary>
public sealed class IdFuzzTests(RunningServer running) : IClassFixture<RunningServer>
{
    private const int Seed = 20_261_121;

    /// <summary>Each route some fifteen times.</summary>
    private const int Attempts = 1_000;

    [Fact]
    public async Task Routes_WithMutatedIdsOfAnotherAccount_ReachNothingOfIt()
    {
        using var a = await ApiClient.SignUpAsync(running.Server, "a");
        using var b = await ApiClient.SignUpAsync(running.Server, "b");
        var belongings = await Possessions.FillAsync(a);
        var before = await Possessions.SnapshotAsync(a);
        var prefix = a.Account.Key[..12];
        var random = new Random(Seed);
        var routes = Routes.All.Where(route => !route.Value(belongings).EndsSession && !Access.All[route.Key].EndsSession).ToArray();
        var wrong = new List<string>();
        for (var i = 0; i < Attempts; i++)
        {
            var (route, attempt) = routes[random.Next(routes.Length)];
            var asked = attempt(Mutate(belongings, random));
            var token = random.Next(2) == 0 ? b.Account.Token : b.Account.Key;
            var answer = await b.SendAsync(
                new HttpMethod(route.Split(' ')[0]), asked.Path, token, asked.Body is null ? null : ApiClient.JsonContent(asked.Body.ToJsonString()));
            // Customers are called what each account calls them: these B may have made itself, a moment ago.
            var isOwn = route.EndsWith(" /customers/{customer_id}", StringComparison.Ordinal);
            var reached = !isOwn && route.Contains('{', StringComparison.Ordinal) && (int)answer.Status < 400;
            var tells = answer.Body.Contains("secret-model", StringComparison.Ordinal) || answer.Body.Contains(prefix, StringComparison.Ordinal);
            if (reached || tells || answer.Status >= HttpStatusCode.InternalServerError)
            {
                wrong.Add($"{route} as {asked.Path} {asked.Body?.ToJsonString()}: {answer}");
            }
        }

        Assert.True(wrong.Count == 0, $"Seed {Seed}:\n{string.Join('\n', wrong)}");
        Assert.Equal(before, await Possessions.SnapshotAsync(a));
    }

    private static Belongings Mutate(Belongings of, Random random)
    {
        string[] all = [of.CapId, of.KeyId, of.RunId, of.EventId, of.HoldId, of.SessionId, of.AccountId, of.UserId, of.InvitationId, of.Customer, of.Section];
        string Next(string own) => Mutate(random.Next(4) == 0 ? all[random.Next(all.Length)] : own, random);
        return of with
        {
            CapId = Next(of.CapId),
            KeyId = Next(of.KeyId),
            RunId = Next(of.RunId),
            HoldId = Next(of.HoldId),
            SessionId = Next(of.SessionId),
            AccountId = Next(of.AccountId),
            UserId = Next(of.UserId),
            InvitationId = Next(of.InvitationId),
            Customer = Next(of.Customer),
            EventId = Next(of.EventId),
        };
    }

    private static string Mutate(string id, Random random)
    {
        var at = random.Next(id.Length);
        var text = random.Next(14) switch
        {
            0 => id,
            1 => id.ToUpperInvariant(),
            2 => Guid.TryParse(id, out var guid) ? guid.ToString("D") : id + "-",
            3 => Guid.TryParse(id, out var braced) ? braced.ToString("B") : $"{{{id}}}",
            4 => $" {id}",
            5 => $"{id}\0",
            6 => $"{id}/../{id}",
            7 => $"{id}' OR '1'='1",
            8 => string.Concat(id.AsSpan(0, at), Neighbour(id[at]), id.AsSpan(at + 1)),
            9 => id[..at],
            10 => id + id,
            11 => $"{id},{id}",
            12 => string.Concat(id.AsSpan(0, at), "\uFF11", id.AsSpan(at + 1)),
            _ => "*",
        };
        return Uri.EscapeDataString(text);
    }

    // The ids are in order of time: one beside A's may be A's too, and is nothing to B.
    private static string Neighbour(char letter) => letter switch
    {
        '9' => "a",
        'f' => "0",
        _ => ((char)(letter + 1)).ToString(),
    };
}
