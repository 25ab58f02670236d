namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>One server for the tests of a class that do not stop it; each signs up for an account of its own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    /// <summary>Its data directory.</summary>
    public ServerFolder Folder { get; } = ServerFolder.Create();

    /// <summary>The server.</summary>
    public ServerProcess Server { get; private set; } = null!;

    /// <inheritdoc />
    public async Task InitializeAsync() => Server = await ServerProcess.StartAsync(Folder);

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Folder.DisposeAsync();
    }
}
