using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class ReferenceTests
{
    [Fact]
    public async Task Reference_OfAGrain_KnowsItsIdentity()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<ISelfGrain>("key/with slash");

        Assert.Equal("key/with slash", grain.GetPrimaryKeyString());
        Assert.Equal(GrainId.Create("self", "key/with slash"), grain.GetGrainId());
        Assert.Equal("self/key/with slash", grain.ToString());
    }

    [Fact]
    public async Task References_OfOneGrain_AreEqual()
    {
        await using var engine = new TestEngine();
        var one = engine.Grains.GetGrain<ISelfGrain>("a");

        Assert.Equal(one, engine.Grains.GetGrain<ISelfGrain>("a"));
        Assert.Equal(one.GetHashCode(), engine.Grains.GetGrain<ISelfGrain>("a").GetHashCode());
        Assert.NotEqual(one, engine.Grains.GetGrain<ISelfGrain>("b"));
        Assert.True((GrainReference)one == (GrainReference)engine.Grains.GetGrain<IOtherFace>("a").Cast<ISelfGrain>());
        Assert.True((GrainReference)one != (GrainReference)engine.Grains.GetGrain<ISelfGrain>("b"));
    }

    [Fact]
    public async Task Reference_ThatAGrainGivesOfItself_CallsIt()
    {
        await using var engine = new TestEngine();
        var self = await engine.Grains.GetGrain<ISelfGrain>("a").SelfAsync();

        Assert.Equal(engine.Grains.GetGrain<ISelfGrain>("a"), self);
        Assert.IsAssignableFrom<GrainReference>(self);
        Assert.Equal("a", await self.KeyAsync());
    }

    [Fact]
    public async Task Cast_ToAnotherContractOfTheGrain_CallsTheSameGrain()
    {
        await using var engine = new TestEngine();
        var face = engine.Grains.GetGrain<ISelfGrain>("a").AsReference<IOtherFace>();

        await face.SetAsync("value");

        Assert.Equal("value", await engine.Grains.GetGrain<ISelfGrain>("a").GetAsync());
    }

    [Fact]
    public async Task GetGrain_WithAClassPrefix_TakesOnlyTheRightOne()
    {
        await using var engine = new TestEngine();

        Assert.NotNull(engine.Grains.GetGrain<ISelfGrain>("a", "LlmObserve.LocalOrleans"));
        Assert.Throws<ArgumentException>(() => engine.Grains.GetGrain<ISelfGrain>("a", "Elsewhere"));
    }

    [Fact]
    public async Task GetGrain_WithAnEmptyKeyOrAnUnknownContract_IsRefused()
    {
        await using var engine = new TestEngine();

        Assert.Throws<ArgumentException>(() => engine.Grains.GetGrain<ISelfGrain>(""));
        Assert.Throws<ArgumentException>(() => engine.Grains.GetGrain<INobody>("a"));
    }

    [Fact]
    public async Task Engines_TwoInOneProcess_KeepTheirGrainsApart()
    {
        await using var one = new TestEngine();
        await using var other = new TestEngine();
        await one.Grains.GetGrain<IOtherFace>("a").SetAsync("one");
        await other.Grains.GetGrain<IOtherFace>("a").SetAsync("other");

        Assert.Equal("one", await one.Grains.GetGrain<ISelfGrain>("a").GetAsync());
        Assert.Equal("other", await other.Grains.GetGrain<ISelfGrain>("a").GetAsync());
        Assert.NotEqual(one.Grains.GetGrain<ISelfGrain>("a"), other.Grains.GetGrain<ISelfGrain>("a"));
    }

    [Fact]
    public async Task Arguments_OfEveryKind_ArriveAsTheyWere()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IArgumentGrain>("a");
        var guid = Guid.NewGuid();

        Assert.Equal(
            $"1 2 3.5 x {guid} null True 9 10 (1, y)",
            await grain.ManyAsync(1, 2L, 3.5m, "x", guid, null, true, 9, 10, (1, "y")));
        Assert.Equal("base", await grain.InheritedAsync());
        Assert.Equal(2, await grain.OverloadAsync(1));
        Assert.Equal("1", await grain.OverloadAsync("1"));
    }

    internal interface ISelfGrain : IGrainWithStringKey
    {
        Task<ISelfGrain> SelfAsync();

        Task<string> KeyAsync();

        Task<string?> GetAsync();
    }

    internal interface IOtherFace : IGrainWithStringKey
    {
        Task SetAsync(string value);
    }

    internal interface INobody : IGrainWithStringKey;

    internal interface IInherited
    {
        Task<string> InheritedAsync();
    }

    internal interface IArgumentGrain : IGrainWithStringKey, IInherited
    {
        Task<string> ManyAsync(
            int a, long b, decimal c, string d, Guid e, string? f, bool g, byte h, short i, (int Number, string Text) j);

        Task<int> OverloadAsync(int number);

        Task<string> OverloadAsync(string text);
    }

    internal sealed class SelfGrain : Grain, ISelfGrain, IOtherFace
    {
        private string? _value;

        public Task<ISelfGrain> SelfAsync() => Task.FromResult(this.AsReference<ISelfGrain>());

        public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());

        public Task<string?> GetAsync() => Task.FromResult(_value);

        public Task SetAsync(string value)
        {
            _value = value;
            return Task.CompletedTask;
        }
    }

    internal sealed class ArgumentGrain : Grain, IArgumentGrain
    {
        public Task<string> ManyAsync(
            int a, long b, decimal c, string d, Guid e, string? f, bool g, byte h, short i, (int Number, string Text) j) =>
            Task.FromResult($"{a} {b} {c} {d} {e} {f ?? "null"} {g} {h} {i} {j}");

        public Task<string> InheritedAsync() => Task.FromResult("base");

        public Task<int> OverloadAsync(int number) => Task.FromResult(number + 1);

        public Task<string> OverloadAsync(string text) => Task.FromResult(text);
    }
}
