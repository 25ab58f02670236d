using System.Collections.Immutable;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;
using LlmObserve.Bench.Seeding;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using Npgsql;
using Orleans;

namespace LlmObserve.Bench.Rows;

/// <summary>How long the first call to a cap takes in an account of ten million events: its activation, with its total from the ledger.</summary>
internal static class ActivationRow
{
    private const int CapsPerScope = 12;

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var db = NpgsqlDataSource.Create(await run.SeededDatabaseAsync(cancellationToken));
        var account = SeedAccount.Large.Id;
        List<CapId> caps = [];
        await using (var host = new GrainHost(db, run.Time))
        {
            var grain = host.Grains.GetGrain<IAccountGrain>(account.ToString());
            foreach (var cap in NewCaps(run.Time.GetUtcNow()))
            {
                var answer = await grain.CreateCapAsync(cap);
                caps.Add(answer.State?.Cap.Id ?? throw new InvalidOperationException($"No cap was made: {answer.Kind}."));
            }
        }

        // In another process nobody is active yet.
        await using var fresh = new GrainHost(db, run.Time);
        var started = run.Time.GetTimestamp();
        var state = await fresh.Grains.GetGrain<IAccountGrain>(account.ToString()).GetCapsAsync();
        var accountMs = run.Time.GetElapsedTime(started).TotalMilliseconds;

        List<double> times = [];
        foreach (var id in caps)
        {
            started = run.Time.GetTimestamp();
            var progress = await fresh.Grains.GetGrain<ICapGrain>(id.ToString()).GetProgressAsync();
            times.Add(run.Time.GetElapsedTime(started).TotalMilliseconds);
            if (progress.Spent <= Usd.Zero)
            {
                throw new InvalidOperationException($"Cap {id} has counted nothing.");
            }
        }

        return
        [
            new Figure(
                "activation",
                "activation of a cap, account with 10 M events, p95",
                Quantity.Once(Quantiles.Of(times, 0.95), "ms"),
                null,
                Goal.Below(20),
                $"First call to each of {caps.Count} caps (global, provider, model, agent, customer, customer with provider, customer with model; daily, "
                + $"weekly, monthly), one after the other, on the Local engine in the benchmark's process; the first is included. Median "
                + $"{Quantity.Text(Quantiles.Median(times))} ms. The account itself activated with {state.Length} caps in {Quantity.Text(accountMs)} ms."),
        ];
    }

    private static IEnumerable<Cap> NewCaps(DateTimeOffset now)
    {
        for (var i = 0; i < CapsPerScope; i++)
        {
            var model = CallMix.Models[i % CallMix.Models.Length];
            // The largest customers: their totals have the most rows.
            var customer = CallMix.Customer(i);
            CapScope[] scopes =
            [
                new(CapType.Global, ""),
                new(CapType.Provider, model.Provider),
                new(CapType.Model, model.Name),
                new(CapType.Agent, CallMix.Agents[i % CallMix.Agents.Length]),
                new(CapType.Customer, customer),
                new(CapType.Customer, customer, CapSubScope.Provider, model.Provider),
                new(CapType.Customer, customer, CapSubScope.Model, model.Name),
            ];
            foreach (var scope in scopes)
            {
                yield return new Cap
                {
                    Id = CapId.New(),
                    Account = SeedAccount.Large.Id,
                    Scope = scope,
                    TargetName = scope.Target,
                    SubTargetName = scope.SubTarget,
                    Limit = new Usd(1_000_000_000_000_000),
                    Period = Enum.GetValues<CapPeriod>()[i % 3],
                    Enforcement = CapEnforcement.HardBlock,
                    Thresholds = CapThresholds.From([CapThresholds.Default]),
                    CreatedAt = now,
                    UpdatedAt = now,
                };
            }
        }
    }
}
