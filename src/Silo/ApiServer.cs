using LlmObserve.Api;
using LlmObserve.Grains;
using LlmObserve.LocalOrleans;
using LlmObserve.Storage;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Prices;
using Npgsql;
using Orleans.Storage;

namespace LlmObserve.Silo;

/// <summary>The API and the grains behind it.</summary>
internal static class ApiServer
{
    public static async Task<WebApplication> BuildAsync(
        WebApplicationBuilder builder, NpgsqlDataSource database, DataDirectory data, CancellationToken cancellationToken)
    {
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(database);
        services.AddSingleton(data);
        services.AddStorage();

        // Stopped in reverse order: requests end first, then grains deactivate, and upkeep last.
        services.AddHostedService<LedgerMaintenance>();
        services.AddHostedService<PriceBookRefresh>();
        services.AddGrains();
        services.AddSingleton<IGrainStorage, DatabaseGrainStorage>();
        services.AddLocalOrleans(options => options.GrainAssemblies.Add(typeof(GrainsServices).Assembly));
        services.AddApi(new ApiOptions(data.SigningKey));

        var app = builder.Build();
        await app.Services.GetRequiredService<LedgerPartitions>().EnsureAsync(TimeProvider.System.GetUtcNow(), cancellationToken);
        await app.Services.GetRequiredService<PriceBooks>().LoadAsync(cancellationToken);
        app.MapApi();
        return app;
    }
}
