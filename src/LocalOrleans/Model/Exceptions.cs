namespace Orleans.Runtime;

/// <summary>The base of the runtime's own exceptions.</summary>
public class OrleansException : Exception
{
    /// <summary>Says nothing.</summary>
    public OrleansException() : base("Unexpected error.")
    {
    }

    /// <summary>Says what went wrong.</summary>
    public OrleansException(string message) : base(message)
    {
    }

    /// <summary>Says what went wrong, and why.</summary>
    public OrleansException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The runtime refused a call: the grain has not seen it.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message) : base(message)
    {
    }
}

/// <summary>The engine stops or has stopped.</summary>
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>Says nothing more.</summary>
    public SiloUnavailableException() : base("The engine is not available.")
    {
    }

    /// <summary>Says what was asked of it.</summary>
    public SiloUnavailableException(string msg) : base(msg)
    {
    }
}

/// <summary>The observer behind a reference is gone.</summary>
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(string message) : base(message)
    {
    }
}

/// <summary>A queue of the runtime is full.</summary>
public sealed class LimitExceededException : OrleansException
{
    /// <summary>Says nothing more.</summary>
    public LimitExceededException() : base("A limit is exceeded.")
    {
    }

    /// <summary>Says which.</summary>
    public LimitExceededException(string message) : base(message)
    {
    }

    /// <summary>Says which, and why.</summary>
    public LimitExceededException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The grains or the engine are put together wrongly.</summary>
public sealed class OrleansConfigurationException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public OrleansConfigurationException(string message) : base(message)
    {
    }

    /// <summary>Says what is wrong, and why.</summary>
    public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
