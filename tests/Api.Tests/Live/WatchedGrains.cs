using System.Reflection;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Testing;
using Orleans;

namespace LlmObserve.Api.Tests.Live;

/// <summary>Stands in for the grains, whichever engine's contract there is: one account, of which a test says how it takes watches.</summary>
public class WatchedGrains : DispatchProxy
{
    private IAccountGrain _account = null!;

    /// <summary>Answers a watch.</summary>
    internal Func<AccountChange?> OnWatch { get; set; } = () => LiveTests.Change(0);

    internal int Watches { get; private set; }

    internal int Unwatches { get; private set; }

    /// <summary>Told of each of them.</summary>
    internal Changes Changes { get; } = new();

    internal static (IGrainFactory Grains, WatchedGrains Watched) Make()
    {
        var grains = Create<IGrainFactory, WatchedGrains>();
        var watched = (WatchedGrains)(object)grains;
        watched._account = Create<IAccountGrain, WatchedAccount>();
        ((WatchedAccount)(object)watched._account).Of = watched;
        return (grains, watched);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IGrainFactory.GetGrain) => _account,
        nameof(IGrainFactory.CreateObjectReference) => args![0],
        nameof(IGrainFactory.DeleteObjectReference) => null,
        _ => throw new InvalidOperationException(targetMethod.Name),
    };

    private object? Answer(string method)
    {
        try
        {
            switch (method)
            {
                case nameof(IAccountGrain.WatchAsync):
                    Watches++;
                    return Task.FromResult(OnWatch());
                case nameof(IAccountGrain.UnwatchAsync):
                    Unwatches++;
                    return Task.CompletedTask;
                default:
                    throw new InvalidOperationException(method);
            }
        }
        catch (AccountUnavailableException e)
        {
            return Task.FromException<AccountChange?>(e);
        }
        finally
        {
            Changes.Tell();
        }
    }

    public class WatchedAccount : DispatchProxy
    {
        internal WatchedGrains Of { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Of.Answer(targetMethod!.Name);
    }
}
