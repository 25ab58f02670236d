using System.Collections.Immutable;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Events;

/// <summary>An event that was turned away, in an answer.</summary>
/// <param name="Index">Its place in the body, from 0.</param>
/// <param name="Id">Its id, where it has a readable one.</param>
/// <param name="Errors">Everything that is wrong with it.</param>
internal sealed record RejectedEvent(long Index, string? Id, ImmutableArray<Fault> Errors);

/// <summary>
/// Everything that is wrong with the events of one request, up to a limit: beyond it events are counted, not described. Costs nothing while
/// all is well.
/// </summary>
internal sealed class EventFaults
{
    private readonly List<RejectedEvent> _rejected = [];
    private readonly ImmutableArray<Fault>.Builder _current = ImmutableArray.CreateBuilder<Fault>();
    private long _index;
    private int _listed;
    private bool _isListing = true;

    /// <summary>Events with faults.</summary>
    public long Count { get; private set; }

    /// <summary>Faults of the current event, listed or not.</summary>
    public int Found { get; private set; }

    /// <summary>The current event has a fault.</summary>
    public bool Any => Found > 0;

    /// <summary>The first of them, with their faults.</summary>
    public IReadOnlyList<RejectedEvent> Rejected => _rejected;

    public void Begin(long index)
    {
        _index = index;
        _current.Clear();
        Found = 0;
        _isListing = _listed < EventLimits.MaxListedFaults;
    }

    /// <summary>Where a field of the current event is; empty for the event itself.</summary>
    public string Path(string field) => field.Length == 0 ? $"[{_index}]" : $"[{_index}].{field}";

    /// <summary>Adds a fault of the current event.</summary>
    /// <param name="field">Its name, <c>usage.input_tokens</c> for a nested one, empty for the event itself.</param>
    /// <param name="code">From <see cref="FaultCodes"/>.</param>
    /// <param name="what">The end of a sentence that begins with the field: <c>must be a string</c>.</param>
    public void Add(string field, string code, string what)
    {
        Found++;
        if (_isListing)
        {
            _current.Add(new Fault(Path(field), code, field.Length == 0 ? $"The event {what}." : $"{field} {what}."));
        }
    }

    /// <summary>Lets a rule of the domain look at a text. True where it found nothing.</summary>
    public bool CheckText(string field, ReadOnlySpan<char> text, int maxLength)
    {
        var before = _current.Count;
        if (TextFaults.Check(Path(field), text, maxLength, _current))
        {
            return true;
        }

        Found++;
        if (!_isListing)
        {
            _current.Count = before;
        }

        return false;
    }

    /// <summary>The current event is over; true where it is good.</summary>
    public bool End(string? id)
    {
        if (!Any)
        {
            return true;
        }

        Count++;
        if (_isListing)
        {
            _listed += _current.Count;
            _rejected.Add(new RejectedEvent(_index, id, _current.ToImmutable()));
        }

        return false;
    }
}
