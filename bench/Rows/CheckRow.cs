using System.Collections.Immutable;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;

namespace LlmObserve.Bench.Rows;

/// <summary>Checks of an account with many caps, against an endpoint of the same server that returns a constant.</summary>
internal static class CheckRow
{
    private const int Caps = 1_000;
    private const int Counted = 5;
    private const decimal LargeLimit = 1_000_000;

    /// <summary>A check that five caps match.</summary>
    public const string Path = "/caps/check?provider=openai&model=gpt-4o-2024-08-06&customer_id=customer-0000&agent=researcher";

    private static readonly (string Type, string? Target)[] s_matching =
        [("global", null), ("provider", "openai"), ("model", "gpt-4o"), ("agent", "researcher"), ("customer", "customer-0000")];

    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(3);

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var server = await ServerProcess.StartAsync(
            run, "check", await run.FreshDatabaseAsync("check_caps", cancellationToken), cancellationToken);
        using var api = new ApiClient(server.Address);
        var key = await api.SignUpAsync(cancellationToken);
        await CreateCapsAsync(api, cancellationToken);

        var check = new HttpLoad(new Uri(server.Address, Path), key);
        var health = new HttpLoad(new Uri(server.Address, "/health"), null);
        var (checks, bare) = await Rounds.AlternateAsync(
            Counted, () => check.RunAsync(s_round, run.Time, cancellationToken), () => health.RunAsync(s_round, run.Time, cancellationToken));
        return
        [
            new Figure(
                "check",
                "GET /caps/check, 1,000 caps of which 5 match",
                Quantity.MedianOf(checks, "requests/s"),
                Quantity.MedianOf(bare, "requests/s"),
                Goal.RatioAtLeast(0.6),
                $"{Caps:N0} hard caps, of which a global, a provider's, a model's, an agent's and a customer's match the call; asked with an API key. "
                + $"Against GET /health of the same server, a constant, without one. {HttpLoad.Generator} with {HttpLoad.Connections} connections on the "
                + $"same machine, {Counted} rounds of {s_round.TotalSeconds} s each in turn, medians."),
        ];
    }

    /// <summary>Through the API, as a user would: five that match the measured call, the rest for other customers.</summary>
    public static async Task CreateCapsAsync(ApiClient api, CancellationToken cancellationToken)
    {
        await CreateMatchingCapsAsync(api, cancellationToken);
        var others = Enumerable.Range(1, Caps - s_matching.Length).Select(other => ("customer", (string?)$"customer-{other:0000}"));
        await CreateCapsAsync(api, others, LargeLimit, cancellationToken);

        var list = await api.GetAsync("/caps/", cancellationToken);
        if (list.GetArrayLength() != Caps)
        {
            throw new InvalidOperationException($"The account has {list.GetArrayLength()} caps, not {Caps}.");
        }
    }

    /// <summary>The caps that match <see cref="Path"/>; of a limit that nothing here reaches, or of one in US dollars.</summary>
    public static Task CreateMatchingCapsAsync(ApiClient api, CancellationToken cancellationToken, decimal limit = LargeLimit) =>
        CreateCapsAsync(api, s_matching, limit, cancellationToken);

    private static async Task CreateCapsAsync(
        ApiClient api, IEnumerable<(string Type, string? Target)> caps, decimal limit, CancellationToken cancellationToken)
    {
        foreach (var (type, target) in caps)
        {
            await api.PostAsync(
                "/caps/",
                new { cap_type = type, target_name = target, limit_amount = limit, period = "monthly", enforcement = "hard_block" },
                cancellationToken);
        }
    }
}
