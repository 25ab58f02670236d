using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Keys;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Grains.Tests.Engines;
using LlmObserve.Storage;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans;

namespace LlmObserve.Grains.Tests;

/// <summary>The grains on a database of a test: two hosts on one database are two engines that do not know of each other.</summary>
internal sealed class GrainHost : IAsyncDisposable
{
    private GrainHost(HostedGrains engine, TimeProvider clock) => (Engine, Clock) = (engine, clock);

    public TimeProvider Clock { get; }

    public HostedGrains Engine { get; }

    public IGrainFactory Grains => Engine.Grains;

    public static async Task<GrainHost> StartAsync(string connectionString, TimeProvider clock) =>
        new(await HostedGrains.StartAsync(connectionString, clock), clock);

    /// <summary>What a process has beside its engine and its clock.</summary>
    public static void AddServices(IServiceCollection services, string connectionString)
    {
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole());
        services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        services.AddStorage();
        services.AddGrains();
    }

    public T Get<T>()
        where T : notnull => Engine.Services.GetRequiredService<T>();

    public IAccountGrain Account(AccountId account) => Grains.GetGrain<IAccountGrain>(account.ToString());

    /// <summary>A new user's personal account.</summary>
    public async Task<AccountId> SignUpAsync()
    {
        var now = Clock.GetUtcNow();
        var (user, account) = (UserId.New(), AccountId.New());
        var key = new NewApiKey(Guid.NewGuid(), account, user, Guid.NewGuid().ToByteArray().Concat(new byte[16]).ToArray(), "llmo_sk_test", "test", ["ingest"], now);
        Assert.True(await Get<UsersStore>().CreateAsync(
            new NewUser(user, $"{user}@example.com", null, null, "solo_dev", account, "Test", now), key, null, [], CancellationToken.None));
        return account;
    }

    /// <summary>
    /// Sends a batch as the API does: again, with the same time of receipt, where it is asked to; an account that cannot be loaded now is
    /// unavailable.
    /// </summary>
    public async Task<RecordResult> RecordAsync(AccountId account, params ImmutableArray<LedgerEvent> events)
    {
        try
        {
            RecordResult result;
            var tries = 0;
            do
            {
                result = await Account(account).RecordAsync(new EventBatch(events));
            }
            while (result.Outcome == RecordOutcome.SendAgain && ++tries < 10);

            return result;
        }
        catch (AccountUnavailableException)
        {
            return RecordResult.Unavailable;
        }
    }

    /// <summary>Asks for a hold as the API does: the same request again where it is told to.</summary>
    public async Task<HoldAnswer> HoldAsync(AccountId account, HoldRequest request)
    {
        HoldAnswer answer;
        var tries = 0;
        do
        {
            answer = await Account(account).HoldAsync(request);
        }
        while (answer.Kind == HoldAnswerKind.SendAgain && ++tries < 10);

        return answer;
    }

    /// <summary>What the ledger itself holds for a scope from an instant on.</summary>
    public async Task<Usd> LedgerSumAsync(AccountId account, CapScope scope, DateTimeOffset from, DateTimeOffset to) =>
        (await Get<LedgerStore>().SumFromEventsAsync(account, scope, new TimeRange(from, to), CancellationToken.None)).Cost;

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
