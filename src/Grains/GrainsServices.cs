using LlmObserve.Grains.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Grains;

/// <summary>Adds what the grains need.</summary>
public static class GrainsServices
{
    public static IServiceCollection AddGrains(this IServiceCollection services) => services.AddSingleton<AccountStorage>();
}
