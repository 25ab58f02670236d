using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class StopTests
{
    [Fact]
    public async Task Stop_WithNothingRunning_DeactivatesEveryGrain()
    {
        await using var engine = new TestEngine();
        for (var i = 0; i < 200; i++)
        {
            await engine.Grains.GetGrain<ILifeGrain>($"{i}").NumberAsync();
        }

        await engine.Core.StopAsync(CancellationToken.None).Soon();

        Assert.Equal(200, engine.Journal.Entries.Count(entry => entry.EndsWith("ends: ShuttingDown", StringComparison.Ordinal)));
        Assert.Equal(0, engine.Core.ActivationCount);
    }

    [Fact]
    public async Task Stop_ByTheHost_IsGraceful()
    {
        await using var engine = new TestEngine();
        var service = Assert.Single(engine.Services.GetServices<IHostedService>());
        await service.StartAsync(CancellationToken.None);
        await engine.Grains.GetGrain<ILifeGrain>("a").NumberAsync();

        await service.StopAsync(CancellationToken.None).Soon();

        Assert.Equal(["a ends: ShuttingDown"], engine.Journal.Entries);
    }

    [Fact]
    public async Task Stop_WithRequestsRunningAndWaiting_LetsThemEndFirst()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ILifeGrain>("a");
        var running = grain.HoldAsync("gate");
        await engine.Gates["gate"].ArrivalAsync();
        var waiting = grain.NumberAsync();

        var stop = engine.Core.StopAsync(CancellationToken.None);
        Assert.False(stop.IsCompleted);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.NumberAsync().Soon());
        engine.Gates["gate"].Open();

        Assert.Equal(1, await running.Soon());
        Assert.Equal(1, await waiting.Soon());
        await stop.Soon();
        Assert.Equal(["a ends: ShuttingDown"], engine.Journal.Entries);
    }

    [Fact]
    public async Task Stop_WithARequestThatCallsANewGrain_ServesThatCall()
    {
        await using var engine = new TestEngine();
        var asking = engine.Grains.GetGrain<ILifeGrain>("a").HoldAndAskAsync("gate", "b");
        await engine.Gates["gate"].ArrivalAsync();

        var stop = engine.Core.StopAsync(CancellationToken.None);
        engine.Gates["gate"].Open();

        Assert.Equal(2, await asking.Soon());
        await stop.Soon();
        Assert.Equal(["a ends: ShuttingDown", "b ends: ShuttingDown"], engine.Journal.Entries.Order());
    }

    [Fact]
    public async Task Stop_WithARequestThatNeverEnds_GivesUpWhenItsTimeIsUp()
    {
        await using var engine = new TestEngine(options => options.DrainTimeout = TimeSpan.FromSeconds(5));
        var held = engine.Grains.GetGrain<ILifeGrain>("a").HoldAsync("gate");
        await engine.Gates["gate"].ArrivalAsync();

        var stop = engine.Core.StopAsync(CancellationToken.None);
        engine.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(stop.IsCompleted);
        engine.Clock.Advance(TimeSpan.FromSeconds(1));
        await stop.Soon();

        await Assert.ThrowsAsync<SiloUnavailableException>(() => held.Soon());
        Assert.Contains(engine.Log.Lines, line => line.Contains("ran out of time to stop; 1 activations", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_WithAnOnDeactivateThatHangs_CancelsItsTokenWhenTheTimeIsUp()
    {
        await using var engine = new TestEngine(options => options.DrainTimeout = TimeSpan.FromSeconds(5));
        CancellationToken seen = default;
        engine.Scenario.OnDeactivate = token =>
        {
            seen = token;
            return engine.Gates["deactivate"].PassAsync();
        };
        await engine.Grains.GetGrain<ILifeGrain>("a").NumberAsync();

        var stop = engine.Core.StopAsync(CancellationToken.None);
        await engine.Gates["deactivate"].ArrivalAsync();
        Assert.False(seen.IsCancellationRequested);
        engine.Clock.Advance(TimeSpan.FromSeconds(5));
        await stop.Soon();

        Assert.True(seen.IsCancellationRequested);
    }

    [Fact]
    public async Task Stop_Twice_IsOneStop()
    {
        await using var engine = new TestEngine();
        await engine.Grains.GetGrain<ILifeGrain>("a").NumberAsync();

        await Task.WhenAll(engine.Core.StopAsync(CancellationToken.None), engine.Core.StopAsync(CancellationToken.None)).Soon();

        Assert.Single(engine.Journal.Entries);
        Assert.Equal(0, engine.Clock.ArmedTimers);
    }

    [Fact]
    public async Task Stop_UnderLoad_AnswersOrRefusesEveryCallAndLeavesNoGrain()
    {
        const int Callers = 8;
        await using var engine = new TestEngine();
        var ledger = new DeactivationTests.Ledger();
        var answered = 0;
        var started = new TaskCompletionSource();
        var load = Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; ; call++)
            {
                try
                {
                    await engine.Grains.GetGrain<DeactivationTests.ILedgerGrain>($"{call % 20}").WriteAsync(ledger, call, yields: true);
                }
                catch (SiloUnavailableException)
                {
                    return;
                }

                if (Interlocked.Increment(ref answered) == 1_000)
                {
                    started.SetResult();
                }
            }
        })).ToList();
        await started.Task.Soon();

        await engine.Core.StopAsync(CancellationToken.None).Soon();
        await Task.WhenAll(load).Soon();

        Assert.Equal(answered, ledger.Written.Count);
        Assert.Equal(0, engine.Core.ActivationCount);
        Assert.Empty(engine.Core.Outstanding.Snapshot());
    }
}
