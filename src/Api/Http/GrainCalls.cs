using Orleans;
using Orleans.Runtime;

namespace LlmObserve.Api.Http;

/// <summary>
/// Calls grains on behalf of requests. A silo that dies takes with it the calls that it had, and for a moment those that are made to it; a call
/// that may be made twice is made again until its grain lives elsewhere, and the request never notices but for the wait.
/// </summary>
internal sealed partial class GrainCalls(IGrainFactory grains, TimeProvider time, ILogger<GrainCalls> log)
{
    /// <summary>
    /// After this no call is begun again. A dead silo is noticed and its grains are made anew in less; what lasts longer is worse than that, and
    /// the client, which waits too, is better told.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(7);

    /// <summary>Doubles up to the longest: the first calls after a death come back as soon as they can, and a dead cluster is not flooded.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// How often one thing is sent that is answered with "send it again". A lost reply or a fence makes an account start anew, which takes a round
    /// trip or two; what fails this often fails for another reason.
    /// </summary>
    public const int MaxSends = 5;

    /// <summary>Before the second sending; doubles each time, so that all of them take half a second.</summary>
    private static readonly TimeSpan FirstResend = TimeSpan.FromMilliseconds(30);

    /// <summary>
    /// Makes a call that may be made twice, and makes it again where its answer asks for that, at most <see cref="MaxSends"/> times. The last
    /// answer, which may still ask.
    /// </summary>
    public async Task<TAnswer> SendAsync<TGrain, TAnswer>(string key, Func<TGrain, Task<TAnswer>> call, Func<TAnswer, bool> asksAgain)
        where TGrain : IGrainWithStringKey
    {
        var pause = FirstResend;
        for (var send = 1; ; send++)
        {
            var answer = await RepeatAsync(key, call);
            if (send == MaxSends || !asksAgain(answer))
            {
                return answer;
            }

            await Task.Delay(pause, time);
            pause *= 2;
        }
    }

    /// <summary>Makes a call that may be made twice.</summary>
    public Task<TAnswer> RepeatAsync<TGrain, TAnswer>(string key, Func<TGrain, Task<TAnswer>> call)
        where TGrain : IGrainWithStringKey =>
        RepeatAsync(call(grains.GetGrain<TGrain>(key)), key, call);

    /// <inheritdoc cref="RepeatAsync{TGrain, TAnswer}(string, Func{TGrain, Task{TAnswer}})"/>
    public Task RepeatAsync<TGrain>(string key, Func<TGrain, Task> call)
        where TGrain : IGrainWithStringKey =>
        RepeatAsync<TGrain, bool>(key, async grain =>
        {
            await call(grain);
            return true;
        });

    /// <summary>Makes a call that may be made twice, of which the first is under way.</summary>
    public async Task<TAnswer> RepeatAsync<TGrain, TAnswer>(Task<TAnswer> first, string key, Func<TGrain, Task<TAnswer>> call)
        where TGrain : IGrainWithStringKey
    {
        if (first.IsCompletedSuccessfully)
        {
            return first.Result;
        }

        var began = time.GetTimestamp();
        var pause = FirstPause;
        for (var asked = first; ; asked = call(grains.GetGrain<TGrain>(key)))
        {
            try
            {
                return await asked;
            }
            catch (Exception lost) when (IsLost(lost) && time.GetElapsedTime(began) + pause < Patience)
            {
                LogAgain(log, lost, typeof(TGrain).Name);
            }

            await Task.Delay(pause, time);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Whether the call's way or its silo failed, and not what was called.</summary>
    private static bool IsLost(Exception e) => e is TimeoutException or (OrleansException and not LimitExceededException);

    [LoggerMessage(LogLevel.Debug, "A call to {Grain} was lost and is made again")]
    private static partial void LogAgain(ILogger logger, Exception error, string grain);
}
