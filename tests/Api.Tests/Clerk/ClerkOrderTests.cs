using System.Collections.Immutable;
using System.Text.Json;

namespace LlmObserve.Api.Tests.Clerk;

/// <summary>Messages in every order, and several times, end in one state.</summary>
public sealed class ClerkOrderTests(ClerkApp app) : IClassFixture<ClerkApp>
{
    /// <summary>As many people as send at once; the pool of connections has more.</summary>
    private const int AtOnce = 4;

    private static readonly string[] s_people = ["user_a", "user_b"];

    [Fact]
    public Task Users_InEveryOrder_EndInOneState() => EveryOrderEndsAsync(
        world => [world.User("created", 1, "Ada"), world.User("updated", 2, "Grace"), world.User("updated", 3, "Edsger"), world.Deleted("user")],
        withoutLast: """{"a":"Edsger Lovelace open 1","b":null,"org":null}""",
        withLast: """{"a":"closed 0","b":null,"org":null}""");

    [Fact]
    public Task Organizations_InEveryOrder_EndInOneState() => EveryOrderEndsAsync(
        world => [world.Organization("created", 1, "Acme"), world.Organization("updated", 2, "Acme Inc"), world.Organization("updated", 3, "Acme Ltd"), world.Deleted("organization")],
        withoutLast: """{"a":null,"b":null,"org":"Acme Ltd: "}""",
        withLast: """{"a":null,"b":null,"org":"closed 0"}""");

    [Fact]
    public Task Memberships_InEveryOrder_EndInOneState() => EveryOrderEndsAsync(
        world => [world.Organization("created", 5, "Acme"), world.User("created", 1, "Ada"), world.Member("created", 1, "org:member"), world.Member("updated", 2, "org:admin"), world.Member("deleted", 2, "org:admin")],
        withoutLast: """{"a":"Ada Lovelace open 1","b":null,"org":"Acme: a owner"}""",
        withLast: """{"a":"Ada Lovelace open 1","b":null,"org":"Acme: "}""");

    [Fact]
    public Task CreatorAndOthers_InEveryOrder_TheCreatorOwns() => EveryOrderEndsAsync(
        world => [world.Organization("created", 5, "Acme"), world.User("created", 1, "Ada"), world.Member("created", 1, "org:admin"), world.Member("created", 1, "org:admin", "user_b"), world.Deleted("user")],
        withoutLast: """{"a":"Ada Lovelace open 1","b":"Ada open 1","org":"Acme: a owner, b admin"}""",
        withLast: """{"a":"closed 0","b":"Ada open 1","org":"Acme: b owner"}""");

    [Fact]
    public async Task Everything_ShuffledRepeatedAndAtOnce_EndsInOneState()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var world = new World();
            string[] told =
            [
                world.User("created", 1, "Ada"), world.User("updated", 2, "Grace"),
                world.Organization("created", 5, "Acme"), world.Organization("updated", 6, "Acme Inc"),
                world.Member("created", 1, "org:member"), world.Member("updated", 2, "org:admin"), world.Member("created", 1, "org:member", "user_b"),
                world.Rejoined("created", 9, "org:admin"), world.Member("deleted", 2, "org:admin"),
            ];
            var messages = told.SelectMany(body => Enumerable.Repeat((Id: ClerkApp.Id("msg_"), Body: body), random.Next(1, 4)))
                .Concat(told.Select(body => (Id: ClerkApp.Id("msg_"), Body: body))).ToArray();
            random.Shuffle(messages);

            await Task.WhenAll(messages.Select(message => app.TellAsync(message.Body, message.Id)));

            var state = await StateAsync(world);
            Assert.True(state == """{"a":"Grace Lovelace open 1","b":"Ada open 1","org":"Acme Inc: a owner, b member"}""", $"seed {seed}: {state}");
        }
    }

    /// <summary>Every order of the messages but the last, and of all of them; the first of each order is told again at the end.</summary>
    private async Task EveryOrderEndsAsync(Func<World, string[]> messages, string withoutLast, string withLast)
    {
        var orders = Orders([.. Enumerable.Range(0, messages(new World()).Length - 1)]).Select(order => (Order: order, Expected: withoutLast))
            .Concat(Orders([.. Enumerable.Range(0, messages(new World()).Length)]).Select(order => (Order: order, Expected: withLast)));
        await Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (one, _) =>
        {
            var world = new World();
            var told = messages(world);
            foreach (var at in one.Order.Add(one.Order[0]))
            {
                await app.TellAsync(told[at]);
            }

            var state = await StateAsync(world);
            Assert.True(state == one.Expected, $"{string.Join(',', one.Order)}: {state} instead of {one.Expected}");
        });
    }

    private static IEnumerable<ImmutableArray<int>> Orders(ImmutableArray<int> items) => items.IsEmpty
        ? [[]]
        : items.SelectMany(first => Orders(items.Remove(first)).Select(rest => rest.Insert(0, first)));

    /// <summary>What can be seen: each person with their open keys, the organization's account with its members.</summary>
    private async Task<string> StateAsync(World world)
    {
        var names = s_people.ToDictionary(world.Id, name => name[^1..]);
        var people = new Dictionary<string, string?>();
        foreach (var person in s_people)
        {
            people[person[^1..]] = await TextAsync(
                """
                SELECT CASE WHEN c.deleted THEN 'closed' ELSE u.name || CASE WHEN u.closed_at IS NULL AND a.closed_at IS NULL THEN ' open' ELSE ' closed' END END
                  || ' ' || (SELECT count(*) FROM api_keys k WHERE k.account_id = a.id AND k.revoked_at IS NULL)
                FROM clerk_objects c LEFT JOIN users u ON u.id = c.user_id LEFT JOIN accounts a ON a.personal_user_id = u.id
                WHERE c.kind = 'user' AND c.id = $1 AND (c.deleted OR u.id IS NOT NULL) AND (NOT c.deleted OR a.id IS NULL OR a.closed_at IS NOT NULL)
                """,
                world.Id(person));
        }

        var organization = await TextAsync(
            """
            SELECT CASE WHEN c.deleted THEN 'closed ' || (SELECT count(*) FROM memberships m WHERE m.account_id = c.account_id) ELSE
              a.name || ': ' || coalesce((
                SELECT string_agg(u.id || ' ' || m.role, ', ' ORDER BY u.id) FROM memberships m
                  JOIN clerk_objects u ON u.kind = 'user' AND u.user_id = m.user_id WHERE m.account_id = a.id), '') END
            FROM clerk_objects c LEFT JOIN accounts a ON a.id = c.account_id
            WHERE c.kind = 'organization' AND c.id = $1 AND (c.deleted OR a.closed_at IS NULL)
            """,
            world.Id("org_a"));
        foreach (var (id, name) in names)
        {
            organization = organization?.Replace(id, name, StringComparison.Ordinal);
        }

        return JsonSerializer.Serialize(new { a = people["a"], b = people["b"], org = organization });
    }

    private async Task<string?> TextAsync(string sql, string id)
    {
        await using var command = app.Database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteScalarAsync() as string;
    }

    /// <summary>Two people and an organization that nobody else has, which the first of them made.</summary>
    private sealed class World
    {
        private readonly string _suffix = ClerkApp.Id("");

        public string Id(string name) => $"{name}{_suffix}";

        public string User(string what, long version, string first) => ClerkMessages.User(what, Id("user_a"), version, first: first);

        public string Organization(string what, long version, string name) =>
            ClerkMessages.Organization(what, Id("org_a"), version, name, Id("user_a"));

        public string Member(string what, long version, string role, string user = "user_a") =>
            ClerkMessages.Membership(what, Id($"orgmem_{user[^1]}"), version, Id("org_a"), Id(user), role);

        public string Rejoined(string what, long version, string role) =>
            ClerkMessages.Membership(what, Id("orgmem_again"), version, Id("org_a"), Id("user_a"), role, createdAt: 9);

        public string Deleted(string kind) => ClerkMessages.Deleted(kind, Id(kind == "user" ? "user_a" : "org_a"));
    }
}
