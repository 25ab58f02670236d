using System.Collections.Immutable;
using LlmObserve.Grains.Interfaces.Accounts;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Customers;

/// <summary>
/// The running totals of one of an account's own customers, at most a second behind the ledger. The key is
/// <c>accountId/customerId</c>: the customer id is everything after the first slash.
/// </summary>
[Alias("llmobserve.customer")]
public interface ICustomerGrain : IGrainWithStringKey
{
    /// <summary>For its account, which everybody else asks (<see cref="Accounts.IAccountGrain.GetCustomerTotalsAsync"/>).</summary>
    [Alias("totals")]
    Task<CustomerTotals> GetTotalsAsync();

    /// <summary>Applies commits by the same ordering rules as a cap.</summary>
    [Alias("apply")]
    Task ApplyAsync(CustomerDelta delta);
}

/// <summary>What one or more commits add to one customer.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.customer-delta")]
public sealed record CustomerDelta(long Epoch, long PreviousSeq, long Seq, ImmutableArray<CustomerAmount> Amounts);

/// <summary>Spend of one customer on one model in the hour bucket that begins at <paramref name="Hour"/>.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.customer-amount")]
public readonly record struct CustomerAmount(DateTimeOffset Hour, string Model, Spend Spend);

/// <summary>Totals of one customer in the account's time zone; <paramref name="ByModel"/> covers the current month.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.customer-totals")]
public sealed record CustomerTotals(
    string CustomerId,
    Spend Day,
    Spend Week,
    Spend Month,
    ImmutableDictionary<string, Spend> ByModel);
