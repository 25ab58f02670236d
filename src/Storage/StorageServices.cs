using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Alerts;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Clerk;
using LlmObserve.Storage.Customers;
using LlmObserve.Storage.GrainState;
using LlmObserve.Storage.Holds;
using LlmObserve.Storage.Invitations;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Prices;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Sessions;
using LlmObserve.Storage.Stats;
using LlmObserve.Storage.Users;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Storage;

/// <summary>Adds the stores and the ledger over a registered <see cref="Npgsql.NpgsqlDataSource"/> and <see cref="TimeProvider"/>.</summary>
public static class StorageServices
{
    /// <summary>The meter of everything that this project measures.</summary>
    public const string MeterName = "LlmObserve.Storage";

    /// <summary>The source of its spans.</summary>
    public const string ActivitySourceName = "LlmObserve";

    public static IServiceCollection AddStorage(this IServiceCollection services) => services
        .AddMetrics()
        .AddSingleton<UsersStore>()
        .AddSingleton<CredentialsStore>()
        .AddSingleton<SessionsStore>()
        .AddSingleton<AuditStore>()
        .AddSingleton<AccountsStore>()
        .AddSingleton<UserAccountsStore>()
        .AddSingleton<MembersStore>()
        .AddSingleton<ClosingStore>()
        .AddSingleton<InvitationsStore>()
        .AddSingleton<KeysStore>()
        .AddSingleton<UnseenKeysStore>()
        .AddSingleton<ClerkStore>()
        .AddSingleton<CapsStore>()
        .AddSingleton<CapSpendStore>()
        .AddSingleton<CustomersStore>()
        .AddSingleton<HoldsStore>()
        .AddSingleton<AlertsStore>()
        .AddSingleton<GrainStateStore>()
        .AddSingleton<PricesStore>()
        .AddSingleton<PriceBooks>()
        .AddSingleton<AccountPricesStore>()
        .AddSingleton<AccountPriceLists>()
        .AddSingleton<StatsStore>()
        .AddSingleton<RunsStore>()
        .AddSingleton<LedgerStore>()
        .AddSingleton<LedgerBuckets>()
        .AddSingleton<LedgerPartitions>()
        .AddSingleton<LedgerStretches>()
        .AddSingleton<LedgerRetention>()
        .AddSingleton<LedgerWriter>();
}
