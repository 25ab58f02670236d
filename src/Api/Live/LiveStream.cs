using System.Threading.Channels;
using LlmObserve.Grains.Interfaces.Accounts;

namespace LlmObserve.Api.Live;

/// <summary>
/// What one reader has yet to get: the newest change and nothing before it. A reader that is slow gets fewer messages and never old ones, and takes no more
/// memory than one that is quick.
/// </summary>
internal sealed class LiveStream(LiveAccount account, AccountChange start)
{
    private readonly Lock _turn = new();

    // One at most: that there is something, not how much.
    private readonly Channel<bool> _something = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private LiveMessage? _newest;
    private bool _isBeaten;

    public LiveAccount Account => account;

    /// <summary>Where the account stood when the stream began.</summary>
    public AccountChange Start => start;

    /// <summary>Takes the place of what has not been read.</summary>
    public void Put(LiveMessage message)
    {
        lock (_turn)
        {
            _newest = message.After(_newest);
            _something.Writer.TryWrite(true);
        }
    }

    /// <summary>A heartbeat is due.</summary>
    public void Beat()
    {
        lock (_turn)
        {
            _isBeaten = true;
            _something.Writer.TryWrite(true);
        }
    }

    /// <summary>Waits for either; a message that is there goes in place of a heartbeat.</summary>
    public async ValueTask<(LiveMessage? Message, bool IsBeaten)> NextAsync(CancellationToken cancellationToken)
    {
        await _something.Reader.ReadAsync(cancellationToken);
        lock (_turn)
        {
            var next = (_newest, _isBeaten);
            (_newest, _isBeaten) = (null, false);
            return next;
        }
    }
}
