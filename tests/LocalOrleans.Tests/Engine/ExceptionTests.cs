using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class ExceptionTests
{
    [Theory]
    [InlineData("at once")]
    [InlineData("in a task")]
    [InlineData("after a wait")]
    public async Task Call_ThatThrows_GivesTheCallerTheExceptionWithItsStack(string how)
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IFaultyGrain>("a");
        var thrown = new InvalidOperationException("broken");
        engine.Gates["throw"].Open();

        var caught = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.ThrowAsync(how, thrown).Soon());

        Assert.Same(thrown, caught);
        Assert.Contains("FaultyGrain.Deep", caught.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ThatThrows_LeavesTheGrainAsItWas()
    {
        await using var engine = new TestEngine();
        var grain = engine.Grains.GetGrain<IFaultyGrain>("a");
        await Assert.ThrowsAsync<FormatException>(() => grain.ThrowAsync("at once", new FormatException()));

        Assert.Equal(1, await grain.CallsAsync());
    }

    [Fact]
    public async Task Call_ThroughAnotherGrain_KeepsTheStackOfTheFirst()
    {
        await using var engine = new TestEngine();
        engine.Gates["throw"].Open();

        var caught = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            engine.Grains.GetGrain<IFaultyGrain>("a").PassOnAsync("b", new InvalidOperationException("far away")).Soon());

        Assert.Contains("FaultyGrain.Deep", caught.StackTrace, StringComparison.Ordinal);
        Assert.Contains("FaultyGrain.PassOnAsync", caught.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ThatAnswersNull_FailsForItsCaller()
    {
        await using var engine = new TestEngine();

        var caught = await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Grains.GetGrain<IFaultyGrain>("a").NullAsync());

        Assert.Contains("IFaultyGrain.NullAsync", caught.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_CanceledByItsGrain_IsCanceledForItsCaller()
    {
        await using var engine = new TestEngine();
        engine.Gates["throw"].Open();
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        var caught = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            engine.Grains.GetGrain<IFaultyGrain>("a").ThrowAsync("after a wait", new OperationCanceledException(source.Token)).Soon());

        Assert.Equal(source.Token, caught.CancellationToken);
    }

    internal interface IFaultyGrain : IGrainWithStringKey
    {
        Task<int> ThrowAsync(string how, Exception exception);

        Task PassOnAsync(string to, Exception exception);

        Task NullAsync();

        Task<int> CallsAsync();
    }

    internal sealed class FaultyGrain(Gates gates) : Grain, IFaultyGrain
    {
        private int _calls;

        // As code without nullable references may answer.
        private static object? Nothing => null;

        public Task<int> ThrowAsync(string how, Exception exception)
        {
            _calls++;
            return how == "at once" ? throw Deep(exception) : ThrowLaterAsync(how, exception);
        }

        public async Task PassOnAsync(string to, Exception exception) =>
            await GrainFactory.GetGrain<IFaultyGrain>(to).ThrowAsync("after a wait", exception);

        public Task NullAsync() => Unsafe.As<Task>(Nothing)!;

        public Task<int> CallsAsync() => Task.FromResult(_calls);

        private static Exception Deep(Exception exception) => throw exception;

        private async Task<int> ThrowLaterAsync(string how, Exception exception)
        {
            if (how == "after a wait")
            {
                await gates["throw"].PassAsync();
                await Task.Yield();
            }

            throw Deep(exception);
        }
    }
}
