using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>Programs of one account, each with a connection of its own, that do the same in the same moment.</summary>
internal sealed class Crowd : IDisposable
{
    private readonly ApiClient[] _callers;

    private Crowd(ApiClient[] callers) => _callers = callers;

    /// <summary>Opens the connections.</summary>
    public static async Task<Crowd> ConnectAsync(ApiClient client, ServerProcess server, int callers)
    {
        var crowd = new Crowd([.. Enumerable.Range(0, callers).Select(_ => client.On(server))]);
        await Task.WhenAll(crowd._callers.Select(caller => caller.CheckAsync()));
        return crowd;
    }

    /// <summary>All at once, each with its number; the answers in the same order.</summary>
    public Task<T[]> AllAsync<T>(Func<ApiClient, int, Task<T>> act) =>
        Task.WhenAll(_callers.Select((caller, number) => Task.Run(() => act(caller, number))));

    /// <summary>All ask at once. Those that got a hold, and those that did not.</summary>
    public async Task<(List<JsonElement> Allowed, List<JsonElement> Denied)> AskAsync(Func<int, JsonObject> ask)
    {
        var answers = (await AllAsync((caller, number) => caller.AskAsync(ask(number)))).Select(answer => answer.Expect(HttpStatusCode.OK)).ToList();
        var allowed = answers.FindAll(answer => answer.IsAllowed());
        Assert.Equal(allowed.Count, allowed.Select(answer => answer.HoldId()).Distinct().Count());
        return (allowed, answers.FindAll(answer => !answer.IsAllowed()));
    }

    public void Dispose()
    {
        foreach (var caller in _callers)
        {
            caller.Dispose();
        }
    }
}
