namespace LlmObserve.LocalOrleans;

/// <summary>A queue linked through its calls, so that an idle activation holds no array.</summary>
internal struct CallQueue
{
    private Call? _last;

    public Call? First { get; private set; }

    public int Count { get; private set; }

    public void Enqueue(Call call)
    {
        if (_last is null)
        {
            First = call;
        }
        else
        {
            _last.Next = call;
        }

        _last = call;
        Count++;
    }

    public Call Dequeue()
    {
        var call = First!;
        First = call.Next;
        call.Next = null;
        if (First is null)
        {
            _last = null;
        }

        Count--;
        return call;
    }
}
