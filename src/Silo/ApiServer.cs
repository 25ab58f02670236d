using LlmObserve.Api;
using LlmObserve.Grains;
using LlmObserve.Mail;
using LlmObserve.Silo.Engines;
using LlmObserve.Storage;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Prices;
using LlmObserve.Storage.Users;
using Npgsql;

namespace LlmObserve.Silo;

/// <summary>The API, the grains, or both.</summary>
internal sealed class ApiServer(
    ServerOptions options, ServerEnvironment environment, NpgsqlDataSource database, string connectionString, byte[] signingKey)
{
    /// <summary>What links in mails begin with; the dashboard starts later and then says where it listens.</summary>
    public PublicAddress PublicAddress { get; } = new(environment.Mail.PublicUrl, ListenAddress.First(options.WebUrls));

    /// <summary>Adds what the roles need. Services stop in reverse order: requests end first, then grains deactivate, and upkeep last.</summary>
    public void Add(IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(database);
        services.AddStorage();

        if (options.Roles.HasFlag(ServerRoles.Silo))
        {
            services.AddHostedService<LedgerMaintenance>();
            services.AddHostedService<PeopleMaintenance>();
            services.AddHostedService<AccountPurge>();
            services.AddGrains();
            GrainHosting.AddSilo(builder, connectionString, options.Endpoint);
        }
        else
        {
            GrainHosting.AddClient(builder, connectionString);
        }

        if (options.Roles.HasFlag(ServerRoles.Api))
        {
            services.AddHostedService<PriceBookRefresh>();
            services.AddHostedService<AccountPricesRefresh>();
            services.AddMail(environment.Mail, PublicAddress);
            services.AddApi(new ApiOptions(signingKey)
            {
                Edge = environment.Edge,
                SignIn = environment.SignIn,
                Clerk = environment.Clerk,
            });
        }
    }

    /// <summary>Reads what has to be at hand before the first request.</summary>
    public async Task PrepareAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (options.Roles.HasFlag(ServerRoles.Silo))
        {
            await GrainHosting.PrepareSiloAsync(services, database, cancellationToken);
            await services.GetRequiredService<LedgerPartitions>().EnsureAsync(TimeProvider.System.GetUtcNow(), cancellationToken);
        }

        if (options.Roles.HasFlag(ServerRoles.Api))
        {
            await services.GetRequiredService<PriceBooks>().LoadAsync(cancellationToken);
            await services.GetRequiredService<AccountPriceLists>().StartAsync(cancellationToken);
        }
    }
}
