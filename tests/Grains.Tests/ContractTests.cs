using System.Reflection;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests;

public sealed class ContractTests
{
    [Fact]
    public void Contracts_EveryArgumentAndAnswer_IsDeeplyImmutable() =>
        Assert.Empty(Immutability.ContractsOf(typeof(IAccountGrain).Assembly).SelectMany(contract => Immutability.FaultsOf(contract)));

    [Fact]
    public void Contracts_OfTheInterfacesAssembly_AreFound() =>
        Assert.Contains(typeof(IAccountGrain), Immutability.ContractsOf(typeof(IAccountGrain).Assembly));
}
