using System.Text.Json.Nodes;

namespace LlmObserve.Demo;

/// <summary>
/// The demo itself: for each request of a customer an agent makes its calls, asking before each one and reporting each one after,
/// until the customer with the hard limit is denied.
/// </summary>
internal sealed class Play(Api api, Screen screen, TimeProvider time)
{
    // Four requests of one customer spend this, twelve of all three: about fifteen seconds.
    private const decimal HardLimit = 0.05m;

    // Three times what the limit takes: a server that has not denied by then does not deny.
    private const int MostRequests = 36;

    // The recorded latencies are seconds; played at their pace nobody would watch to the end.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    // How many more requests are played after the denial, so that the others are seen going on.
    private const int RequestsAfterDenial = 4;

    /// <summary>Plays; true where the hard limit denied a call.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await MakeCapsAsync(cancellationToken);
        var started = time.GetTimestamp();
        var left = RequestsAfterDenial;
        for (var request = 0; left > 0 && request < MostRequests; request++)
        {
            var customer = Company.Customers[request % Company.Customers.Count];
            var agent = Company.Agents[request / Company.Customers.Count % Company.Agents.Count];
            await ServeAsync(customer, agent, started, cancellationToken);
            left -= screen.Denied is null ? 0 : 1;
        }

        return screen.Denied is not null;
    }

    private async Task MakeCapsAsync(CancellationToken cancellationToken)
    {
        await api.CreateCapAsync(Cap("customer", Company.Limited, HardLimit, "daily", "hard_block"), cancellationToken);
        await api.CreateCapAsync(Cap("customer", Company.Customers[0], 5, "monthly", "alert"), cancellationToken);
        await api.CreateCapAsync(Cap("agent", Company.Agents[1].Name, 1, "weekly", "alert"), cancellationToken);
        await api.CreateCapAsync(Cap("global", null, 20, "monthly", "alert"), cancellationToken);
    }

    private static JsonObject Cap(string type, string? target, decimal limit, string period, string enforcement) => new()
    {
        ["cap_type"] = type,
        ["target_name"] = target,
        ["limit_amount"] = limit,
        ["period"] = period,
        ["enforcement"] = enforcement,
    };

    private async Task ServeAsync(string customer, Agent agent, long started, CancellationToken cancellationToken)
    {
        var run = Guid.NewGuid().ToString();
        foreach (var step in agent.Steps)
        {
            var decision = await api.CheckAsync(step.Answer, customer, agent.Name, cancellationToken);
            var allowed = (bool)decision["allowed"]!;
            if (allowed)
            {
                await Task.Delay(s_pause, time, cancellationToken);
                await api.SendEventsAsync([step.Answer.ToEvent(run, customer, agent.Name, step.Tool)], cancellationToken);
            }

            var call = new Call(customer, agent.Name, step.Answer.Model ?? step.Answer.Provider, time.GetElapsedTime(started), allowed, (string?)decision["message"]);
            screen.Show(
                call, await api.GetStatsAsync("customer", cancellationToken), await api.GetStatsAsync("model", cancellationToken),
                await api.GetCapsAsync(cancellationToken));
            if (!allowed)
            {
                await Task.Delay(s_pause, time, cancellationToken);
                return;
            }
        }
    }
}

/// <summary>One call that an agent wanted to make.</summary>
/// <param name="Customer">For whom.</param>
/// <param name="Agent">Which agent.</param>
/// <param name="Target">The model, or the provider where it has none.</param>
/// <param name="At">Since the start.</param>
/// <param name="Allowed">What the server said.</param>
/// <param name="Message">How it put it.</param>
internal sealed record Call(string Customer, string Agent, string Target, TimeSpan At, bool Allowed, string? Message);
