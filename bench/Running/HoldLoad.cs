using LlmObserve.Bench.Rows;

namespace LlmObserve.Bench.Running;

/// <summary>What is asked of one account around calls to providers: by that many callers at once, each on a connection of its own.</summary>
/// <param name="Server">What answers.</param>
/// <param name="Key">The account's API key.</param>
/// <param name="Time">Measures.</param>
internal sealed record HoldLoad(ServerProcess Server, string Key, TimeProvider Time)
{
    /// <summary>1,200 × $2.50 a million in, 800 × $10 a million out: $0.011 by the shipped prices.</summary>
    private const string Ask =
        """
        {"provider":"openai","model":"gpt-4o-2024-08-06","customer_id":"customer-0000","agent":"researcher",
        """
        + """
        "estimate":{"input_tokens":1200,"max_output_tokens":800},"ttl_seconds":600}
        """;

    /// <summary>US dollars that <see cref="Ask"/> holds.</summary>
    public const decimal AmountUsd = 0.011m;

    /// <summary>The bare endpoint, so many times for one call.</summary>
    public Task<Pace> BareAsync(int callers, int calls, int times, CancellationToken cancellationToken) => MeasureAsync(
        callers, calls, connection => new RepeatingCaller(connection, RawRequest.Get(new Uri(Server.Address, "/health"), null), times), cancellationToken);

    /// <summary>Takes holds; gives them back once it is measured.</summary>
    /// <param name="callers">At once.</param>
    /// <param name="calls">Holds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="held">Called while all of them are open.</param>
    public async Task<Pace> HoldAsync(int callers, int calls, CancellationToken cancellationToken, Func<Task>? held = null)
    {
        var open = await OpenAsync(callers, connection => new HoldingCaller(connection, HoldRequest), cancellationToken);
        try
        {
            var pace = await Callers.ShareAsync(open, calls, Server.ProcessorTime, Time, cancellationToken);
            await (held?.Invoke() ?? Task.CompletedTask);
            await Task.WhenAll(open.Select(caller => Task.Run(() => caller.GiveBackAsync(Server.Address, Key, cancellationToken), cancellationToken)));
            return pace;
        }
        finally
        {
            open.ForEach(static caller => caller.Dispose());
        }
    }

    /// <summary>Holds, each settled by an event.</summary>
    public Task<Pace> HoldAndSettleAsync(int callers, int calls, CancellationToken cancellationToken) => MeasureAsync(
        callers, calls, connection => new CycleCaller(connection, HoldRequest, new EventRequest(Server.Address, Key, namesHold: true)), cancellationToken);

    /// <summary>The same events without holds, each after a check.</summary>
    public Task<Pace> CheckAndRecordAsync(int callers, int calls, CancellationToken cancellationToken) => MeasureAsync(
        callers, calls, connection => new CycleCaller(connection, CheckRequest, new EventRequest(Server.Address, Key, namesHold: false)), cancellationToken);

    private byte[] HoldRequest => RawRequest.Post(new Uri(Server.Address, "/caps/check"), Key, Ask);

    private byte[] CheckRequest => RawRequest.Get(new Uri(Server.Address, CheckRow.Path), Key);

    private async Task<Pace> MeasureAsync(int callers, int calls, Func<RawHttpConnection, ICaller> make, CancellationToken cancellationToken)
    {
        var open = await OpenAsync(callers, make, cancellationToken);
        try
        {
            return await Callers.ShareAsync(open, calls, Server.ProcessorTime, Time, cancellationToken);
        }
        finally
        {
            open.ForEach(static caller => caller.Dispose());
        }
    }

    private Task<List<T>> OpenAsync<T>(int callers, Func<RawHttpConnection, T> make, CancellationToken cancellationToken)
        where T : ICaller =>
        Callers.OpenAsync(callers, async () => make(await RawHttpConnection.OpenAsync(Server.Address, cancellationToken)));
}
