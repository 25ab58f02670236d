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

    private Task<string> CallAsync(Func<int, Task<string>> answer)
    {
        var calls = new GrainCalls(DispatchProxy.Create<IGrainFactory, AnyGrain>(), _clock, NullLogger<GrainCalls>.Instance);
        return calls.RepeatAsync<IAccountGrain, string>("account", async _ => await answer(++_calls));
    }

    /// <summary>Gives nobody for every grain: the calls of these tests do not need one.</summary>
    public class AnyGrain : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => null;
    }

    /// <summary>Whoever waits has waited already.</summary>
    private sealed class InstantClock : TimeProvider
    {
        private long _ticks;

        public TimeSpan Passed => TimeSpan.FromTicks(_ticks);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pass(dueTime);
            return TimeProvider.System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
