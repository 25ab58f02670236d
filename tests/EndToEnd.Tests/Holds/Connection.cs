using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>One caller's way to whatever server there is.</summary>
/// <param name="client">Who it is.</param>
/// <param name="find">Finds a server, at first and after the one that it had is dead.</param>
internal sealed class Connection(ApiClient client, Func<ServerProcess?, Task<ServerProcess>> find) : IDisposable
{
    private ServerProcess? _server;
    private ApiClient? _client;

    /// <summary>The answer; null where the server died under the request. Then the next goes to the next server.</summary>
    public async Task<Answer?> TrySendAsync(Func<ApiClient, Task<Answer>> send)
    {
        Answer? answer = null;
        await TryAsync(async connected => answer = await send(connected));
        return answer;
    }

    /// <inheritdoc cref="TrySendAsync" />
    public async Task TryAsync(Func<ApiClient, Task> act)
    {
        if (_client is null)
        {
            _server = await find(_server);
            _client = client.On(_server);
        }

        try
        {
            await act(_client);
        }
        catch (HttpRequestException)
        {
            _client.Dispose();
            _client = null;
        }
    }

    public void Dispose() => _client?.Dispose();
}
