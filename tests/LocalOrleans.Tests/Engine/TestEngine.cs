using LlmObserve.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;

namespace LlmObserve.LocalOrleans.Tests;

/// <summary>An engine with the grains of this assembly, a clock that stands still, gates, and a log that can be read.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public TestEngine(
        Action<LocalOrleansOptions>? configure = null, Action<IServiceCollection>? register = null, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time ?? Clock);
        services.AddSingleton(Gates);
        services.AddSingleton(Journal);
        services.AddSingleton(Scenario);
        services.AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Debug));
        register?.Invoke(services);
        services.AddLocalOrleans(options =>
        {
            options.GrainAssemblies.Add(typeof(TestEngine).Assembly);
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider(validateScopes: true);
        Core = _services.GetRequiredService<GrainEngine>();
    }

    public FakeClock Clock { get; } = new();

    public Gates Gates { get; } = new();

    public Journal Journal { get; } = new();

    public Scenario Scenario { get; } = new();

    public ListLog Log { get; } = new();

    public GrainEngine Core { get; }

    public IGrainFactory Grains => Core;

    public IServiceProvider Services => _services;

    /// <summary>The activation of a key, to look at from outside; it must be there.</summary>
    public Activation ActivationOf<TGrain>(string key)
        where TGrain : IGrainWithStringKey => Core.ContractOf(typeof(TGrain)).Class.Activations.Single(found => found.Key == key);

    /// <summary>
    /// Completes when no activation has anything to do: a call's answer may reach its caller a moment before the turn is given back, and
    /// until then the activation is not idle.
    /// </summary>
    public async Task QuietAsync()
    {
        foreach (var activation in Core.Activations)
        {
            await activation.WhenQuiet().Soon();
        }
    }

    /// <summary>Lets time pass for activations that are idle.</summary>
    public async Task IdleAsync(TimeSpan time)
    {
        await QuietAsync();
        Clock.Advance(time);
    }

    public async ValueTask DisposeAsync()
    {
        // Grains that a test left waiting must not hold up the end of it.
        Gates.OpenAll();
        await _services.DisposeAsync();
    }
}
