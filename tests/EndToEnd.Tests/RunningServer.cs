using LlmObserve.Testing;

namespace LlmObserve.EndToEnd.Tests;

/// <summary>One server for the tests of a class that neither stop nor overload it; each signs up for an account of its own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private readonly TemporaryData _data = TemporaryData.Create();

    /// <summary>The server.</summary>
    public ServerProcess Server { get; private set; } = null!;

    /// <summary>Its data directory.</summary>
    public string Data => _data.Path;

    /// <inheritdoc />
    public async Task InitializeAsync() => Server = await ServerProcess.StartAsync(_data.Path);

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        _data.Dispose();
    }
}
