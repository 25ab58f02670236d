using LlmObserve.Domain.Accounts;
using LlmObserve.Grains;
using LlmObserve.Grains.Accounts;
using LlmObserve.Grains.Holds;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Simulation.Engine;

/// <summary>One activation of the account, in a process that may die at any await.</summary>
internal sealed class Node : Account.IHost
{
    private static readonly AccountMetrics s_metrics = new ServiceCollection()
        .AddMetrics().AddSingleton<GrainMetrics>().AddSingleton<HoldMetrics>().AddSingleton<AccountMetrics>()
        .BuildServiceProvider().GetRequiredService<AccountMetrics>();

    private readonly TurnScheduler _turns = new();
    private Task _closing = Task.CompletedTask;

    public Node(int number, AccountId account, WorldClock clock, TimeSpan ahead, Network network, Database database, CapFollowersWorld caps)
    {
        Number = number;
        Account = new Account(
            account,
            new AccountLoads(new DatabaseConnection(this, network, database)),
            clock.Machine(ahead),
            new CapGrains(this, network, caps),
            s_metrics,
            this,
            NullLogger.Instance);
        Opening = _turns.Start(() => Account.OpenAsync(CancellationToken.None));
    }

    public int Number { get; }

    public Account Account { get; }

    public Task Opening { get; }

    public bool IsDead { get; private set; }

    /// <summary>It goes in good order, or was told to: it takes no calls any more.</summary>
    public bool IsLeaving { get; private set; }

    public bool HasLeft => IsLeaving && _closing.IsCompleted;

    public bool IsOpen => !IsDead && Opening.IsCompletedSuccessfully;

    public bool TakesCalls => IsOpen && !IsLeaving;

    public bool HasTurns => _turns.HasTurns;

    public void RunTurn() => _turns.RunTurn();

    public Task<T> Call<T>(Func<Account, Task<T>> call) => _turns.Start(() => call(Account));

    public void Tick() => _ = _turns.Start(() =>
    {
        Account.Tick();
        return Task.CompletedTask;
    });

    /// <summary>Ends in good order, as an engine does: what runs is finished.</summary>
    public void Leave()
    {
        if (!IsLeaving)
        {
            IsLeaving = true;
            _closing = _turns.Start(() => Account.CloseAsync(CancellationToken.None));
        }
    }

    public void Kill()
    {
        IsDead = true;
        _turns.Kill();
    }

    public override string ToString() => $"node {Number}";

    /// <summary>Nobody watches.</summary>
    void Account.IHost.TellIn(TimeSpan pause)
    {
    }

    void Account.IHost.KeepTicking()
    {
        // The world ticks whoever lives.
    }
}
