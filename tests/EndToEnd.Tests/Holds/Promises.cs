using System.Net;
using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>
/// All that callers were told. At every moment the holds that they have and that are not over, together with what they have spent, are within
/// every cap's limit, whatever becomes of the server.
/// </summary>
internal sealed class Promises(params PromisedCap[] caps)
{
    private const decimal Least = 0.000_000_001m;

    private readonly Lock _lock = new();
    private readonly List<Promise> _all = [];

    public int Count => Locked(() => _all.Count);

    /// <summary>Of its limit, what is promised and spent under the fullest cap.</summary>
    public decimal Share => Locked(() => caps.Max(cap => Under(cap).Sum(promise => promise.Counts) / cap.Limit));

    /// <summary>A caller was told that it has a hold.</summary>
    public Promise Add(JsonElement answer, string customer) => Locked(() =>
    {
        var promise = new Promise(answer.HoldId(), customer, answer.Amount(), answer.ExpiresAt());
        _all.Add(promise);
        foreach (var cap in caps)
        {
            var (promised, late) = (Under(cap).Sum(each => each.Counts), LateUnder(cap));
            Assert.True(promised <= cap.Limit + late, $"{promised} are promised under {cap}, and {late} came late.");
        }

        return promise;
    });

    /// <inheritdoc cref="Promise.TryCall" />
    public bool TryCall(Promise promise, decimal cost) => Locked(() => promise.TryCall(cost));

    /// <inheritdoc cref="Promise.Called" />
    public void Called(Promise promise, bool acknowledged) => Locked(() =>
    {
        promise.Called(acknowledged);
        return true;
    });

    /// <inheritdoc cref="Promise.GiveBack" />
    public void GiveBack(Promise promise) => Locked(() =>
    {
        promise.GiveBack();
        return true;
    });

    /// <summary>
    /// Reads the caps as the server shows them: all that callers have must be in them, and within the limits. A server that cannot tell now may
    /// say so.
    /// </summary>
    public async Task LookAsync(ApiClient client)
    {
        var (open, recorded) = Locked(() => (
            _all.FindAll(promise => promise.Held > 0),
            caps.ToDictionary(cap => cap.Id, cap => Under(cap).Where(promise => promise.State == PromiseState.Recorded).Sum(promise => promise.Cost))));
        var answer = await client.SendAsync(HttpMethod.Get, "caps/");
        if (answer.Status == HttpStatusCode.ServiceUnavailable)
        {
            return;
        }

        foreach (var shown in answer.Expect(HttpStatusCode.OK).EnumerateArray())
        {
            var cap = caps.Single(each => each.Id == shown.Id());

            // Those that were open before, and are open still: they were open when the server looked.
            var (held, late) = Locked(() => (open.Where(cap.Bounds).Sum(promise => promise.Held), LateUnder(cap)));
            Assert.True(held <= shown.Held(), $"Callers hold {held} under {cap}: {shown.GetRawText()}");
            Assert.True(shown.Spent() + held <= cap.Limit + late, $"Callers hold {held} under {cap}, and {late} came late: {shown.GetRawText()}");
            Assert.True(recorded[cap.Id] <= shown.Spent(), $"{recorded[cap.Id]} are acknowledged under {cap}: {shown.GetRawText()}");
        }
    }

    /// <summary>Waits until the time of every hold is over: then all the room that was not spent is there again, and no more.</summary>
    public async Task AssertAllIsBackAsync(ApiClient client)
    {
        JsonElement[] shown = [];
        await Wait.UntilAsync(
            async () => (shown = await client.CapsAsync()).All(cap => cap.Held() == 0),
            () => $"all holds to be over: {string.Join('\n', shown.Select(cap => cap.GetRawText()))}");

        // The caps of one customer first: what they leave of the others is there for the rest.
        foreach (var cap in caps.OrderBy(cap => cap.Customer is null))
        {
            var state = await client.CapAsync(cap.Id);
            Assert.InRange(
                state.Spent(),
                Under(cap).Where(promise => promise.State == PromiseState.Recorded).Sum(promise => promise.Cost),
                Under(cap).Sum(promise => promise.Cost));
            Assert.Equal(cap.Limit - state.Spent() - state.Held(), state.Remaining());

            var customer = cap.Customer ?? "one-without-a-cap";
            Assert.False(
                (await client.AskAsync(Calls.Costing(state.Remaining() + Least, customer: customer))).Expect(HttpStatusCode.OK).IsAllowed());
            await client.GrantedAsync(Calls.Costing(state.Remaining(), customer: customer));
            Assert.Equal(0, (await client.CapAsync(cap.Id)).Remaining());
        }
    }

    private IEnumerable<Promise> Under(PromisedCap cap) => _all.Where(cap.Bounds);

    private decimal LateUnder(PromisedCap cap) => Under(cap).Where(promise => promise.State == PromiseState.Late).Sum(promise => promise.Cost);

    private T Locked<T>(Func<T> act)
    {
        lock (_lock)
        {
            return act();
        }
    }
}
