using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData(typeof(Wrong<int>.IProperty), "a contract has methods only")]
    [InlineData(typeof(Wrong<int>.IGenericMethod), "generic methods are not supported")]
    [InlineData(typeof(Wrong<int>.IVoid), "a grain method returns a task")]
    [InlineData(typeof(Wrong<int>.ISynchronous), "it must return Task")]
    [InlineData(typeof(Wrong<int>.IOneWayAnswer), "a one-way method has no answer")]
    [InlineData(typeof(Wrong<int>.IByReference), "parameters by reference")]
    public void Contract_OfAWrongShape_IsRefusedWithTheReason(Type contract, string reason)
    {
        var fault = Assert.Throws<OrleansConfigurationException>(() => ContractShape.Check(contract));

        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is implemented by", typeof(Wrong<int>.FirstGrain), typeof(Wrong<int>.SecondGrain))]
    [InlineData("The grain type \"same\" would name", typeof(Wrong<int>.SameGrain), typeof(Wrong<int>.Other.SameGrain))]
    [InlineData("needs exactly one public constructor; it has 2", typeof(Wrong<int>.TwiceGrain))]
    [InlineData("not an IPersistentState", typeof(Wrong<int>.StatefulGrain))]
    [InlineData("a contract has methods only", typeof(Wrong<int>.PropertyGrain))]
    [InlineData("implements no grain contract", typeof(Wrong<int>.BareGrain))]
    public async Task GrainClass_ThatIsWrong_IsRefusedBeforeAnyCall(string reason, params Type[] types)
    {
        await using var engine = new TestEngine();

        var fault = Assert.Throws<OrleansConfigurationException>(() => new GrainCatalog(engine.Core, types));

        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(100)]
    public void Options_WithATimeOutOfRange_AreRefused(int days)
    {
        var fault = Assert.Throws<OrleansConfigurationException>(() => new TestEngine(options => options.CollectionAge = TimeSpan.FromDays(days)));

        Assert.Contains("CollectionAge", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddLocalOrleans_Twice_IsOneEngine()
    {
        await using var engine = new TestEngine(register: services => services.AddLocalOrleans(static _ => { }));

        Assert.Same(engine.Core, engine.Services.GetRequiredService<IGrainFactory>());
        Assert.Same(engine.Core, engine.Services.GetRequiredService<IClusterClient>());
        Assert.Single(engine.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>());
    }

    // Types inside a generic one are no grain classes by themselves, so that the other tests' engines pass them over.
    internal static class Wrong<T>
    {
        internal interface IProperty : IGrainWithStringKey
        {
            int Count { get; }
        }

        internal interface IGenericMethod : IGrainWithStringKey
        {
            Task RunAsync<TOther>();
        }

        internal interface IVoid : IGrainWithStringKey
        {
            void Run();
        }

        internal interface ISynchronous : IGrainWithStringKey
        {
            int Run();
        }

        internal interface IOneWayAnswer : IGrainWithStringKey
        {
            [OneWay]
            Task<int> RunAsync();
        }

        internal interface IByReference : IGrainWithStringKey
        {
            Task RunAsync(ref int number);
        }

        internal interface IContested : IGrainWithStringKey;

        internal interface IOne : IGrainWithStringKey;

        internal interface ITwo : IGrainWithStringKey;

        internal sealed class FirstGrain : Grain, IContested;

        internal sealed class SecondGrain : Grain, IContested;

        internal sealed class SameGrain : Grain, IOne;

        internal sealed class TwiceGrain : Grain, IOne
        {
            public TwiceGrain()
            {
            }

            public TwiceGrain(T unused) => _ = unused;
        }

        internal sealed class StatefulGrain([PersistentState("state")] string state) : Grain, IOne
        {
            public string State { get; } = state;
        }

        internal sealed class PropertyGrain : Grain, IProperty
        {
            public int Count => 1;
        }

        internal sealed class BareGrain : Grain, IGrainWithStringKey;

        internal static class Other
        {
            internal sealed class SameGrain : Grain, ITwo;
        }
    }
}
