using LlmObserve.Grains.Accounts;
using LlmObserve.Grains.Holds;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Grains;

/// <summary>Adds what the grains need.</summary>
public static class GrainsServices
{
    /// <summary>The meter of everything that this project measures.</summary>
    public const string MeterName = "LlmObserve.Grains";

    public static IServiceCollection AddGrains(this IServiceCollection services) =>
        services.AddMetrics().AddSingleton<GrainMetrics>().AddSingleton<HoldMetrics>().AddSingleton<AccountMetrics>()
            .AddSingleton<IAccountDatabase, AccountDatabase>().AddSingleton<AccountLoads>().AddSingleton<AccountStorage>();
}
