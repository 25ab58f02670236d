using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Users;

public sealed class AttemptsTests(PostgresFixture postgres) : GrainTest(postgres)
{
    private static readonly TimeSpan s_quarter = TimeSpan.FromMinutes(15);
    private static readonly AttemptRule s_locking = new(3, s_quarter, s_quarter, TimeSpan.FromHours(1));
    private static readonly AttemptRule s_counting = new(3, TimeSpan.FromHours(1), TimeSpan.Zero, TimeSpan.Zero);

    private IAttemptsGrain Attempts => Host.Grains.GetGrain<IAttemptsGrain>("somebody");

    [Fact]
    public async Task Take_UpToTheLimit_IsAllowedAgainWhenTheFirstIsAnHourOld()
    {
        await TakeAsync(allowed: true);
        Clock.Advance(TimeSpan.FromMinutes(20));
        await TakeAsync(allowed: true);
        await TakeAsync(allowed: true);

        Assert.Equal(TimeSpan.FromMinutes(40), (await Attempts.TakeAsync(s_counting)).RetryAfter);
        Clock.Advance(TimeSpan.FromMinutes(40));
        await TakeAsync(allowed: true);
        await TakeAsync(allowed: false);
    }

    [Fact]
    public async Task Begin_TooManyFailures_LocksAndEachTimeLonger()
    {
        foreach (var minutes in new[] { 15, 30, 60, 60 })
        {
            await FailAsync(3);

            Assert.Equal(new AttemptAnswer(false, TimeSpan.FromMinutes(minutes)), await Attempts.BeginAsync(s_locking));
            Clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            Assert.Equal(new AttemptAnswer(false, TimeSpan.FromSeconds(1)), await Attempts.BeginAsync(s_locking));
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True((await Attempts.BeginAsync(s_locking)).Allowed);
    }

    [Fact]
    public async Task Begin_FailuresOutsideOfTheWindow_CountNoMore()
    {
        await FailAsync(2);
        Clock.Advance(s_quarter);
        await FailAsync(2);

        Assert.True((await Attempts.BeginAsync(s_locking)).Allowed);
    }

    [Fact]
    public async Task Begin_AllPlacesTaken_WaitsForOneAndLocksNothing()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await Attempts.BeginAsync(s_locking)).Allowed);
        }

        Assert.Equal(new AttemptAnswer(false, TimeSpan.FromSeconds(1)), await Attempts.BeginAsync(s_locking));
        await Attempts.EndAsync(AttemptEnd.Withdrawn);
        Assert.True((await Attempts.BeginAsync(s_locking)).Allowed);
    }

    [Fact]
    public async Task Begin_AttemptsThatNeverEnd_GiveTheirPlacesBack()
    {
        for (var i = 0; i < 3; i++)
        {
            await Attempts.BeginAsync(s_locking);
        }

        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True((await Attempts.BeginAsync(s_locking)).Allowed);
    }

    [Fact]
    public async Task Success_AfterFailures_ForgetsThem()
    {
        await FailAsync(2);
        await Attempts.BeginAsync(s_locking);
        await Attempts.EndAsync(AttemptEnd.Succeeded);

        await FailAsync(2);
        Assert.True((await Attempts.BeginAsync(s_locking)).Allowed);
    }

    [Fact]
    public async Task Clear_Locked_OpensAtOnceAndTheNextLockIsShortAgain()
    {
        await FailAsync(3);
        Clock.Advance(s_quarter);
        await FailAsync(3);

        await Attempts.ClearAsync();

        await FailAsync(3);
        Assert.Equal(s_quarter, (await Attempts.BeginAsync(s_locking)).RetryAfter);
    }

    private async Task FailAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True((await Attempts.BeginAsync(s_locking)).Allowed);
            await Attempts.EndAsync(AttemptEnd.Failed);
        }
    }

    private async Task TakeAsync(bool allowed) => Assert.Equal(allowed, (await Attempts.TakeAsync(s_counting)).Allowed);
}
