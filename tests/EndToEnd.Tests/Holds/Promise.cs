namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>A cap that bounds promises.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Limit">US dollars.</param>
/// <param name="Customer">Whose; null for everybody's.</param>
internal sealed record PromisedCap(string Id, decimal Limit, string? Customer)
{
    public bool Bounds(Promise promise) => Customer is null || Customer == promise.Customer;

    public override string ToString() => $"the cap of {Customer ?? "all"} over {Limit}";
}

/// <summary>A hold that a caller was told of, and what came of it.</summary>
internal sealed record Promise(string HoldId, string Customer, decimal Amount, DateTimeOffset ExpiresAt)
{
    /// <summary>The server's clocks, of which one can be set, may be this far from ours on the same machine.</summary>
    private static readonly TimeSpan s_slew = TimeSpan.FromMilliseconds(20);

    /// <summary>A caller with less time than this does not make its call: the event could come too late.</summary>
    private static readonly TimeSpan s_callTime = TimeSpan.FromSeconds(1);

    /// <summary>Of the call, once it is made.</summary>
    public decimal Cost { get; private set; }

    public PromiseState State { get; private set; }

    private bool IsOver => ExpiresAt <= TimeProvider.System.GetUtcNow() + s_slew;

    /// <summary>What the caller may still cost.</summary>
    public decimal Held => State == PromiseState.Open && !IsOver ? Amount : 0;

    /// <summary>What the caller may still cost or has cost, as far as it knows.</summary>
    public decimal Counts => State switch
    {
        PromiseState.Calling when !IsOver => Cost,
        PromiseState.Recorded or PromiseState.Late => Cost,
        _ => Held,
    };

    /// <summary>Makes the call; false where there is too little time left.</summary>
    public bool TryCall(decimal cost)
    {
        var inTime = TimeProvider.System.GetUtcNow() < ExpiresAt - s_callTime;
        (Cost, State) = inTime ? (cost, PromiseState.Calling) : (0, PromiseState.GivenBack);
        return inTime;
    }

    /// <summary>The call's event is acknowledged, or lost.</summary>
    public void Called(bool acknowledged) =>
        State = IsOver ? PromiseState.Late : acknowledged ? PromiseState.Recorded : PromiseState.Lost;

    /// <summary>The call is not made.</summary>
    public void GiveBack() => State = PromiseState.GivenBack;
}

/// <summary>Where a promise is.</summary>
internal enum PromiseState
{
    /// <summary>The caller may make the call, until the hold is over.</summary>
    Open,

    /// <summary>It was made, and its event is on its way.</summary>
    Calling,

    /// <summary>The event is acknowledged.</summary>
    Recorded,

    /// <summary>The event may have landed when the hold was over already: nothing bounds that.</summary>
    Late,

    /// <summary>The server died with the event. Nobody knows whether it landed, and it is not sent again.</summary>
    Lost,

    /// <summary>The call was not made and never will be.</summary>
    GivenBack,
}
