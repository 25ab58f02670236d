using System.Collections.Immutable;
using System.Diagnostics;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Customers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace LlmObserve.Bench.Running;

/// <summary>
/// Makes grains active inside the real server's process, so that its memory can be read from outside: no route makes a hundred thousand
/// customers active. Enters through <see cref="StartupHook"/> and finds the server's grains by the host's own diagnostics.
/// </summary>
internal static class ResidentGrains
{
    /// <summary>Names the accounts, between commas, whose customers and caps are to be made active.</summary>
    public const string AccountsVariable = "LLMOBSERVE_BENCH_ACCOUNTS";

    /// <summary>Customers of each account.</summary>
    public const string CustomersVariable = "LLMOBSERVE_BENCH_CUSTOMERS";

    /// <summary>What the process writes when it is done; or <see cref="Failed"/> and why.</summary>
    public const string Done = "Resident: done";

    /// <summary>What it writes some time later: the memory that the grains really need.</summary>
    public const string Live = "Resident: live";

    public const string Failed = "Resident: failed";

    // Long enough for the starter to have read the process's memory before a collection is forced.
    private static readonly TimeSpan s_readFirst = TimeSpan.FromSeconds(15);

    // As many as the server's connections bear.
    private const int AtOnce = 16;

    public static void Attach() => DiagnosticListener.AllListeners.Subscribe(new Listeners());

    private static async Task ActivateAsync(IHost host)
    {
        try
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(started.SetResult);
            await started.Task;
            var grains = host.Services.GetRequiredService<IGrainFactory>();
            var customers = int.Parse(Environment.GetEnvironmentVariable(CustomersVariable)!);
            foreach (var account in Environment.GetEnvironmentVariable(AccountsVariable)!.Split(','))
            {
                await ActivateAsync(grains, account, customers);
            }

            Console.WriteLine(Done);
            await Task.Delay(s_readFirst, TimeProvider.System);
            GC.Collect();
            Console.WriteLine($"{Live} {GC.GetTotalMemory(forceFullCollection: true) >> 20} MB");
        }
        catch (Exception error)
        {
            // A boundary: we are a guest in this process, and its starter waits for a word.
            Console.WriteLine($"{Failed}: {error.ToString().ReplaceLineEndings(" ")}");
        }
    }

    private static async Task ActivateAsync(IGrainFactory grains, string account, int customers)
    {
        var grain = grains.GetGrain<IAccountGrain>(account);
        foreach (var some in Enumerable.Range(0, customers).Chunk(EventBatch.MaxEvents))
        {
            var result = await grain.RecordAsync(new EventBatch([.. some.Select(NewEvent)]));
            if (result.Created != some.Length)
            {
                throw new InvalidOperationException($"Recorded {result}.");
            }
        }

        await Parallel.ForEachAsync(
            Enumerable.Range(0, customers),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (customer, _) => await grains.GetGrain<ICustomerGrain>($"{account}/{Customer(customer)}").GetTotalsAsync());
        await Parallel.ForEachAsync(
            await grain.GetCapsAsync(),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (cap, _) => await grains.GetGrain<ICapGrain>(cap.Cap.Id.ToString()).GetProgressAsync());
    }

    public static string Customer(int index) => $"customer-{index:000000}";

    private static LedgerEvent NewEvent(int customer)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new LedgerEvent
        {
            Id = Guid.NewGuid().ToString(),
            RunId = "run",
            SpanId = "span",
            Section = "agent:researcher",
            SectionPath = "agent:researcher",
            Agent = "researcher",
            SpanType = "llm",
            Kind = SpanKind.Llm,
            Provider = "openai",
            Endpoint = "chat",
            Model = "gpt-4o",
            CustomerId = Customer(customer),
            InputTokens = 1_000,
            OutputTokens = 200,
            Cost = new Usd(4_500_000),
            Status = "ok",
            OccurredAt = now,
            ReceivedAt = now,
        };
    }

    private sealed class Listeners : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(new Hosts());
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    private sealed class Hosts : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            // The dashboard is a host of its own, without grains.
            if (value is { Key: "HostBuilt", Value: IHost host } && host.Services.GetService<IGrainFactory>() is not null)
            {
                _ = Task.Run(() => ActivateAsync(host));
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
