using System.Net;
using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>
/// Callers that ask for a hold of a cent, again and again. Some then make the call, some do not and say so, some die. Where the server dies,
/// half of them ask again under their key, half anew.
/// </summary>
internal sealed class HoldLoad : IAsyncDisposable
{
    private static readonly string[] s_customers = [Calls.Customer, "globex"];

    private readonly CancellationTokenSource _stop = new();
    private readonly ApiClient _client;
    private readonly Promises _promises;
    private readonly int _ttlSeconds;
    private readonly Func<int, ServerProcess?, Task<ServerProcess>> _find;
    private readonly Task _running;

    private HoldLoad(ApiClient client, Promises promises, int callers, int ttlSeconds, Func<int, ServerProcess?, Task<ServerProcess>> find)
    {
        (_client, _promises, _ttlSeconds, _find) = (client, promises, ttlSeconds, find);
        _running = Task.WhenAll([WatchAsync(), .. Enumerable.Range(0, callers).Select(number => CallAsync(number))]);
    }

    /// <summary>A ceiling outlasts its holds by a tenth of their time, and what another process wrote by a second; the hint is rounded up.</summary>
    private TimeSpan LongestWait => TimeSpan.FromMilliseconds((_ttlSeconds * 1100) + 1001);

    /// <summary>Starts it.</summary>
    /// <param name="client">The account.</param>
    /// <param name="promises">Keeps account of what callers are told.</param>
    /// <param name="callers">How many.</param>
    /// <param name="ttlSeconds">Of their holds.</param>
    /// <param name="find">Finds a caller, by its number, a server: at first, and after the one that it had is dead.</param>
    public static HoldLoad Start(
        ApiClient client, Promises promises, int callers, int ttlSeconds, Func<int, ServerProcess?, Task<ServerProcess>> find) =>
        new(client, promises, callers, ttlSeconds, find);

    /// <summary>Waits until more is granted, and callers have, and have spent, so much of a cap's limit.</summary>
    public async Task FillAsync(decimal share)
    {
        var before = _promises.Count;
        await Wait.UntilAsync(
            () => (_promises.Count > before && _promises.Share >= share) || _running.IsCompleted,
            () => $"{share} of a limit to be promised; it is {_promises.Share} after {_promises.Count} grants");
        if (_running.IsCompleted)
        {
            await _running;
        }
    }

    /// <summary>Lets the requests under way end, and sends no more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_running);
        _stop.Dispose();
    }

    private async Task CallAsync(int number)
    {
        var random = new Random(number);
        var customer = s_customers[number % s_customers.Length];
        using var connection = new Connection(_client, dead => _find(number, dead));
        var key = NewKey();
        while (!_stop.IsCancellationRequested)
        {
            var answer = await connection.TrySendAsync(client => client.AskAsync(Calls.Costing(Calls.Cent, _ttlSeconds, customer), key));
            if (answer is null)
            {
                key = number / 2 % 2 == 0 ? key : NewKey();
            }
            else if (await GrantedAsync(answer) is { } granted)
            {
                key = NewKey();
                await UseAsync(connection, _promises.Add(granted, customer), random.Next(100));
            }
        }
    }

    /// <summary>The grant; null where there is none, after the wait that was asked for.</summary>
    private async Task<JsonElement?> GrantedAsync(Answer answer)
    {
        if (answer.Status == HttpStatusCode.ServiceUnavailable)
        {
            Assert.NotNull(answer.Headers.RetryAfter);
            await Wait.PauseAsync();
            return null;
        }

        var check = answer.Expect(HttpStatusCode.OK);
        if (check.IsAllowed())
        {
            return check;
        }

        // A repeat after the hold is over gives no right to the call.
        if (check.GetProperty("reason").GetString() == "hold_ended")
        {
            return null;
        }

        check.AssertHeldOff();
        Assert.True(check.RetryAfter() <= LongestWait, check.GetRawText());
        await Task.Delay(check.RetryAfter(), TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return null;
    }

    private async Task UseAsync(Connection connection, Promise promise, int chance)
    {
        switch (chance)
        {
            case < 40 when _promises.TryCall(promise, Calls.LittleCost):
                var answer = await connection.TrySendAsync(
                    client => client.PostEventsAsync([Calls.Event(promise.HoldId, promise.HoldId, Calls.ForLittle, promise.Customer)]));
                _promises.Called(promise, acknowledged: answer?.Status == HttpStatusCode.Created);
                break;
            case >= 40 and < 60:
                _promises.GiveBack(promise);
                await connection.TrySendAsync(client => client.SendWithKeyAsync(HttpMethod.Delete, $"caps/holds/{promise.HoldId}"));
                break;
            default:
                break;
        }
    }

    private async Task WatchAsync()
    {
        using var connection = new Connection(_client, dead => _find(0, dead));
        while (!_stop.IsCancellationRequested)
        {
            await connection.TryAsync(_promises.LookAsync);
            await Wait.PauseAsync();
        }
    }

    private static string NewKey() => Guid.NewGuid().ToString();
}
