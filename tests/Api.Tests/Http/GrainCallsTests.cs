using System.Reflection;
using LlmObserve.Api.Http;
using LlmObserve.Grains.Interfaces.Accounts;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.Api.Tests.Http;

public sealed class GrainCallsTests
{
    private readonly InstantClock _clock = new();
    private int _calls;

    [Fact]
    public async Task Repeat_SiloGoneTwice_AnswersAtTheThird()
    {
        var answer = await CallAsync(call => call < 3 ? throw new SiloUnavailableException("gone") : Task.FromResult("here"));

        Assert.Equal(("here", 3), (answer, _calls));
    }

    [Fact]
    public async Task Repeat_SiloGoneForGood_GivesUpWithinItsPatience()
    {
        await Assert.ThrowsAsync<SiloUnavailableException>(() => CallAsync(_ => Task.FromException<string>(new SiloUnavailableException("gone"))));

        Assert.InRange(_calls, 2, 100);
        Assert.InRange(_clock.Passed, TimeSpan.FromTicks(1), GrainCalls.Patience);
    }

    [Fact]
    public async Task Repeat_LastAnswerTooLate_IsNotAskedAgain()
    {
        var answer = new TaskCompletionSource<string>();
        var asked = CallAsync(_ => answer.Task);

        _clock.Pass(GrainCalls.Patience);
        answer.SetException(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => asked);
        Assert.Equal(1, _calls);
    }

    [Theory]
    [InlineData(typeof(AccountUnavailableException))]
    [InlineData(typeof(LimitExceededException))]
    [InlineData(typeof(ArgumentException))]
    public async Task Repeat_FaultOfWhatWasCalled_IsTheCallersAtOnce(Type fault)
    {
        await Assert.ThrowsAsync(fault, () => CallAsync(_ => Task.FromException<string>((Exception)Activator.CreateInstance(fault)!)));

        Assert.Equal(1, _calls);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(GrainCalls.MaxSends, GrainCalls.MaxSends)]
    [InlineData(GrainCalls.MaxSends + 1, GrainCalls.MaxSends)]
    public async Task Send_AnswerAsksAgain_IsSentAgainAFewTimes(int goodAt, int calls)
    {
        var answer = await Calls().SendAsync<IAccountGrain, bool>("account", _ => Task.FromResult(++_calls == goodAt), answer => !answer);

        Assert.Equal((goodAt <= GrainCalls.MaxSends, calls), (answer, _calls));
    }

    private GrainCalls Calls() => new(DispatchProxy.Create<IGrainFactory, AnyGrain>(), _clock, NullLogger<GrainCalls>.Instance);

    private Task<string> CallAsync(Func<int, Task<string>> answer) =>
        Calls().RepeatAsync<IAccountGrain, string>("account", async _ => await answer(++_calls));

    /// <summary>Gives nobody for every grain: the calls of these tests do not need one.</summary>
    public class AnyGrain : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => null;
    }
}
