using System.Collections.Frozen;
using System.Collections.Immutable;
using LlmObserve.Testing;
using Orleans;

namespace LlmObserve.LocalOrleans.Tests.Messages;

public sealed class ImmutabilityTests
{
    [Fact]
    public void FaultsOf_ContractOfImmutableMessages_NamesNone() => Assert.Empty(Immutability.FaultsOf(typeof(IGood)));

    [Theory]
    [InlineData(typeof(ITakes<int[]>), "System.Int32[] can change")]
    [InlineData(typeof(ITakes<List<int>>), "_items can be set")]
    [InlineData(typeof(ITakes<IReadOnlyList<int>>), "IReadOnlyList`1[System.Int32] can change, or can be something that does")]
    [InlineData(typeof(ITakes<object>), "System.Object can change")]
    [InlineData(typeof(ITakes<Action>), "System.Action can change")]
    [InlineData(typeof(ITakes<SettableProperty>), "SettableProperty.Count can be set")]
    [InlineData(typeof(ITakes<PrivatelySettable>), "PrivatelySettable.Count can be set")]
    [InlineData(typeof(ITakes<HiddenField>), "HiddenField._count can be set")]
    [InlineData(typeof(ITakes<HoldsArray>), "HoldsArray.Items: System.Int32[] can change")]
    [InlineData(typeof(ITakes<ImmutableArray<HoldsArray>>), "HoldsArray.Items: System.Int32[] can change")]
    [InlineData(typeof(ITakes<(int, HoldsArray)>), "HoldsArray.Items: System.Int32[] can change")]
    [InlineData(typeof(ITakes<MutableStruct?>), "MutableStruct.Count can be set")]
    [InlineData(typeof(ITakes<MutableStruct>), "MutableStruct.Count can be set")]
    [InlineData(typeof(ITakes<NotSealed>), "is not sealed")]
    [InlineData(typeof(ITakes<Shape>), "Square.Side can be set")]
    [InlineData(typeof(ITakes<Derived>), "SettableBase.Count can be set")]
    [InlineData(typeof(IAnswers<HoldsArray>), "RunAsync answers: HoldsArray.Items: System.Int32[] can change")]
    [InlineData(typeof(IAnswersValue<HoldsArray>), "HoldsArray.Items: System.Int32[] can change")]
    [InlineData(typeof(IDerivedContract), "IDerivedContract.RunAsync(what): System.Int32[] can change")]
    public void FaultsOf_ContractWithSomethingMutable_NamesTheWayToIt(Type contract, string fault) =>
        Assert.Contains(Immutability.FaultsOf(contract), line => line.Contains(fault, StringComparison.Ordinal));

    [Fact]
    public void FaultsOf_TypeVouchedFor_NamesNone() =>
        Assert.Empty(Immutability.FaultsOf(typeof(ITakes<HoldsArray>), typeof(HoldsArray)));

    [Fact]
    public void ContractsOf_Assembly_FindsGrainsAndObservers()
    {
        var contracts = Immutability.ContractsOf(typeof(ImmutabilityTests).Assembly);

        Assert.Contains(typeof(IGood), contracts);
        Assert.Contains(typeof(IWatcher), contracts);
        Assert.DoesNotContain(typeof(INoContract), contracts);
    }

    public interface ITakes<in T>
    {
        Task RunAsync(T what);
    }

    public interface ITakesArray
    {
        Task RunAsync(int[] what);
    }

    public interface IDerivedContract : ITakesArray;

    public interface IAnswers<T>
    {
        Task<T> RunAsync();
    }

    public interface IAnswersValue<T>
    {
        ValueTask<T> RunAsync();
    }

    public interface INoContract;

    public interface IWatcher : IGrainObserver
    {
        void Seen(string what);
    }

    public interface IGood : IGrainWithStringKey
    {
        Task RunAsync(Order order, ImmutableArray<Line> lines, FrozenDictionary<string, Line> byName, CancellationToken cancellationToken);

        ValueTask<(Order? Order, decimal? Total)> FindAsync(Tree tree, IWatcher watcher, IGood other, DayOfWeek day, DateTimeOffset at);

        Task StopAsync();

        ValueTask PauseAsync();
    }

    public readonly record struct Amount(long Nanos);

    public sealed record Line(string Name, Amount Amount);

    public sealed record Order(Guid Id, ImmutableArray<Line> Lines)
    {
        public DateOnly? Day { get; init; }
    }

    public abstract record Tree;

    public sealed record Leaf(int Value) : Tree;

    public sealed record Node(Tree Left, Tree Right) : Tree;

    public sealed class SettableProperty
    {
        public int Count { get; set; }
    }

    public sealed class PrivatelySettable
    {
        public int Count { get; private set; }

        public void Add() => Count++;
    }

    public sealed class HiddenField
    {
        private int _count;

        public int Next() => ++_count;
    }

    public sealed record HoldsArray(int[] Items);

    public record struct MutableStruct(int Count);

    public record NotSealed(int Count);

    public abstract record Shape;

    public sealed record Square : Shape
    {
        public int Side { get; set; }
    }

    public abstract class SettableBase
    {
        public int Count { get; set; }
    }

    public sealed class Derived : SettableBase;
}
